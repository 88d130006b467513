/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Characters that look alike: who writes by shape, or reads a scan, takes one for another.
 *
 * A list of groups, made by hand: any two of one group are alike. Those that sound alike besides
 * are found by their sound, and need not stand here. The list is looked through each time, as
 * bytes, which takes some hundred nanoseconds.
 */

#include "table.h"

#include <gongbao/utf8.h>

static const char groups[] =
    "任赁 员贝 杈权叉 己已巳 末未 侯候 拔拨 治冶 券卷 栽裁载 折拆析 幕墓慕暮募 辨辩辫瓣 人入八 "
    "土士 日曰目 干千于 "
    "大太犬天夭 今令 贷货 失矢 午牛 刀力 戊戌戍戎 兔免 鸟乌 师帅 壁璧 茶荼 陪赔倍培 构购沟 "
    "评坪苹 管菅 籍藉 既即 竞竟 密蜜 历厉 洽恰给 侍待持特 便使 侧测厕 般船 徙徒 廷延 狼狠 "
    "哀衷衰 毫亳 祟崇 子孑 钓钩钧 泪汨 庆厌 仓仑 抡抢 沦沧 轮轨 弛驰池 住往注驻 侮悔梅 "
    "恨根跟银很 贪贫 晴睛清情请精 名各 问间闻 同回 王玉主 木本术 白自 申由甲电田 区匹 旦且 "
    "用甩 石右 万方 无元 几九 刃刀 丸九 办为 斤斥 司同 令冷 圆园 因困固 场扬杨汤 阳阴 际陈 防妨 "
    "限很 检俭险 担但 技枝 投没设 极报 护炉 挑桃 该核孩 校较 详样 组祖阻 练炼 约的 防纺 轻经径 "
    "绿录 编偏篇 绩积 埋理 规现观 环坏怀 球求救 教敬 政改 故放 郊效 整正 市币 帐胀 弹强 征微徽 "
    "忘志 恩思 总急 息自 惠恩 愿原 或域 户尸 拒柜 桥娇 梁粱 森林 模漠摸 横黄 死列 残浅线钱 "
    "母毋 氏民 汽气 水永冰 江汪 河何 沿治 泡抱 波披 洋羊 活话 派脉 济挤 消销 深探 温湿 湖胡 源原 "
    "瞒满 烈列 爱受 物勿 狗拘 班斑 瓜爪 疗辽 症证 监蓝 盖孟 直真 箱想相 着看 眼根 矿旷 码玛 破坡 "
    "确角 未示 社杜 福副富幅 季秀 种钟 科料 税说 移多 筑巩 策荣 签检";

size_t look_alikes(uint32_t cp, uint32_t *out, size_t max)
{
    char utf8[4];
    const size_t n = utf8_put(cp, utf8);
    const char *end = groups + sizeof(groups) - 1, *p = groups;
    size_t found = 0;
    while ((p = memmem(p, (size_t)(end - p), utf8, n))) {
        while (p > groups && p[-1] != ' ')
            p--;
        for (; p < end && *p != ' ' && found < max; found += out[found] != cp)
            p += utf8_next(p, end, &out[found]);
        p = strchrnul(p, ' ');
    }
    return found;
}
