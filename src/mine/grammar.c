/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Words of grammar and of office prose that begin or end no term.
 *
 * Statistics cannot tell 应当按照 and 依法追究刑事责任 from 古树名木: officials write both all the
 * time. So three short lists say which words stand nowhere in a term, which do not begin one, and
 * which do not end one. They are compared with words of the segmentation, not with characters: 的
 * alone is grammar, in 目的 it is not.
 */

#include "mine.h"

#include <gongbao/utf8.h>

static const char *const list[] = {
    [MINE_NOWHERE] =
        "的 之 和 与 及 或 而 且 由 于 在 为 被 将 对 并 其 所 等 是 了 以 向 从 把 就 都 也 但 "
        "则 如 因 若 即 又 还 应 须 按 经 自 至 当 应当 不得 可以 必须 应予 不予 或者 以及 并且 "
        "及其 其他 其它 有关 相关 为了 对于 关于 由于 根据 按照 依照 依据 通过 下列 左列 上述 "
        "所称 所列 不是 没有 如果 因为 所以 但是 并处 同时 以下 以上 以内 以外 以前 以后 之一 "
        "前款 前项 前条 本法 本条例 本条 本办法 本规定 本会 本市 本省 本区 本县 可能 能够 任何 "
        "自己 我们 他们 一个 两个 各 每 该 此 这 那 第 均 仍 才 得 元 者 只 视为 亦同 责令 会同 "
        "报 进行 是否 符合 如下 直至 足以 达不到 本 本细则 备查 不论 经过 起 超过 不超过 低于 "
        "高于 少于 属于 不能 不可 无法 未经 未 不 没",
    [MINE_NOT_FIRST] =
        "上 下 中 内 外 前 后 时 个 名 件 项 条 款 章 节 次 年 月 日 有 要 能 会 可 使 让 给 到 "
        "来 去 做 作 已 再 更 最 很 较 已经 进行 实施 实行 提出 提供 给予 予以 制定 制订 适用 "
        "符合 结合 违反 执行 施行 修改 废止 进一步 组织 开展 加强 推进 推动 促进 深入 持续 加快 "
        "扎实 不断 提高 提升 完善 建立 健全 落实 做好 采取 接受 履行 承担 造成 具有 具备 取得 "
        "依法 需要 支持 处理 办理 规范 明确 确定 保证 保障 鼓励 引导 指导 负责 协调 统筹 协助 "
        "参与 参加 举办 发生 利用 使用 合理 共同 如实 随意 故意 擅自 及时 立即 严格 认真 全面 "
        "积极 坚持 强化 优化 深化 探索 构建 打造 聚焦 围绕 立足 突出 确保 注重 力争 责令 没收 "
        "吊销 处以 追究 停止 禁止 允许 要求 决定 批准 同意 申请 提交 提起 受理 驳回 撤销 期限 "
        "现场 全部 部分 具体 主要 重大 严重 特别 一般 非常 十分 影响 危害 妨碍 拒绝 恪守 遵守 "
        "服从 泄露 陈述 停放 开采 燃放 涉及 包括 含有 属 无 与其 为其 市 县 区 省 应付 乱 挖 "
        "煽动 综合 因素 发现 发布 公布 报告 备案 生效 经费 期间 所需 所有 本 原 新 老 大 小 多 "
        "少 全 总 副 每年 今年 去年 截至 目前 国家 人民政府 各级 国务院 省级 县级 市级 乡级 "
        "中央 地方 合法 按时 定期 不定期 依次 分别 自行 自愿 公开 出具 收取 支付 设立 各位 接到 "
        "依法追究 依法办理 设置 变更 注销 登记 从事 经营 受 受到 向 供 作为 成为 作出 做出 下达 "
        "交 交由 听取 审议 审查 审核 推荐 选举 任命 召开 主持 出席 强调 指出 认为 表示",
    [MINE_NOT_LAST] =
        "上 下 中 内 外 前 后 时 个 名 件 项 条 款 章 节 次 年 月 日 有 要 能 会 可 规定 情形 "
        "情况 事项 行为 工作 问题 方面 期间 之日 进行 实施 提出 给予 予以 施行 负责 要求 支持 "
        "条件 部分 做好 开展 推进 情节 办理 到 给 做 作 使 让 人 其中 结果 后果 内容 方式 措施 "
        "责任 原则 意见 活动 需要 实际 实际情况 全部 大 小 多 少 一 二 三 四 五 六 七 八 九 十 "
        "两 百 千 万 亿 倍 国务院 人民政府 部门 机关 主管部门 单位 发生 改变 履行 挪用 拒绝 "
        "主席 处分 处罚 罚款 期限 提供 执行 完善 提高 不断 深入 持续 加快 申请 约定 小时 批准 "
        "核准 备案",
};

/* The codes of one word; 0 when a character of it does not occur in the text at all. */
static size_t codes_of(const struct mine_text *t, struct str word, uint16_t *code)
{
    size_t n = 0;
    for (const char *p = word.p, *end = word.p + word.n; p < end && n < MINE_GRAMMAR_LENGTH;) {
        uint32_t cp = 0;
        p += utf8_next(p, end, &cp);
        code[n] = t->code_of[an_fold_char(cp)];
        if (code[n++] == 0)
            return 0;
    }
    return n;
}

void mine_grammar_init(struct mine_grammar *g, const struct mine_text *t)
{
    g->n = 0;
    for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++) {
        struct str rest = str_of(list[k]);
        while (rest.n > 0 && g->n < MINE_GRAMMAR_WORDS) {
            struct mine_stop *stop = &g->stop[g->n];
            stop->n = codes_of(t, str_cut(&rest, ' '), stop->code);
            stop->where = (enum mine_where)k;
            g->n += stop->n > 0;
        }
    }
}

bool mine_is_grammar(const struct mine_grammar *g, const uint16_t *code, size_t n, bool first,
                     bool last)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct mine_stop *s = &g->stop[i];
        bool there = s->where == MINE_NOWHERE || (s->where == MINE_NOT_FIRST && first) ||
                     (s->where == MINE_NOT_LAST && last);
        if (there && s->n == n && memcmp(s->code, code, n * sizeof(*code)) == 0)
            return true;
    }
    return false;
}
