/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What names are made of: surnames, the words that stand beside names, and the characters that do
 * or do not occur in them.
 *
 * The lists are written as people write them; name_table_init folds them, so they never lag behind
 * the fold tables. Single characters become flags in one table by code point, pairs go into short
 * lists that are only looked through where a name may be.
 *
 * Not here: how often a surname or a given name occurs. The lists say what is possible, names.c
 * asks for evidence.
 */

#include "name_table.h"
#include "bound_table.h"
#include "fold.h"
#include <gongbao/utf8.h>

/* To be thought of as surnames when alone, the hundred most common first. */
static const char surnames[] =
    "王李张刘陈杨赵黄周吴徐孙胡朱林郭罗梁宋郑谢韩唐冯董萧程曹袁邓傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田姜范姚谭廖邹熊陆郝孔崔康毛邱秦史顾侯邵孟龙段雷钱汤尹黎武乔贺赖龚褚卫尤"
    "施严华陶戚喻柏窦章云葛奚郎鲁韦昌苗凤俞柳酆鲍费廉岑倪滕殷毕邬皮卞齐伍卜穆湛祁禹狄贝臧谈茅"
    "庞纪舒屈项祝阮蓝闵席季娄危童颜梅盛刁骆樊凌霍虞柯昝莫房裘缪干宗宣贲郁杭洪诸吉钮嵇邢滑裴荣"
    "翁荀羊惠甄封芮羿储靳汲邴糜松巫乌焦巴弓隗宓蓬郗班仰仲伊宫宁仇栾甘钭厉戎祖符景詹韶郜蓟薄蒲"
    "邰鄂咸蔺屠蒙阴胥苍闻莘翟贡劳逄姬申堵冉郦雍郤璩桑桂濮牛寿扈燕冀郏浦尚温晏柴瞿慕茹宦艾鱼慎"
    "戈庾暨衡耿弘匡寇禄阙欧殳沃蔚夔隆巩厍聂晁勾敖訾辛阚饶毋乜鞠巢蒯荆竺逯桓付肖闫苟仝仉佟郄佘"
    "牟缑亢岳帅晋楚鄢汝涂钦佴佰禚揣覃湾苑邸迟粟阳揭鹿兰侍伦冼植练辜肇邝帖矫胶嘎哈亓祢冶牙芦粘"
    "尉恽隋腾郇鹏尧檀漆笪宾宛刑卿谌茆麦";

/* Surnames that are also words of their own, or beginnings of words, everywhere: a name needs more
 * to be believed. */
static const char doubtful_surnames[] =
    "高常成应能别但年关计解通全相利公国文东双边万家满都广初代占化展信战强终单农党权水门线种石"
    "江山海路空明白红金马方任许何安乐元伏支管包左曲富车秋印铁养须易古居步容连充习师简井谷宿盖"
    "益游丰归操敬米幸司怀索籍池沙越融冷岩宝院油逢巨查商况赏撒藏衣扶宰庄暴牧卓于向";

static const char compound_surnames[] =
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 "
    "澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 "
    "司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 "
    "夹谷 轩辕 令狐 段干 呼延 东郭 羊舌 公仪 梁丘 公仲 左丘 公伯 西门 公乘 贯丘 "
    "公皙 南荣 仲长 子桑 达奚 褚师 纳兰 叶赫 完颜 耶律 爱新 那拉 富察 钮祜 范姜";

/* What stands before a name or behind it, by its last two characters: 市委书记吴舜泽, 王芳女士. */
static const char titles[] =
    "书记 市长 省长 县长 区长 镇长 乡长 村长 州长 部长 厅长 局长 处长 科长 司长 "
    "署长 主席 主任 会长 院长 校长 所长 行长 社长 站长 队长 组长 庭长 院士 教授 "
    "博士 专家 总理 总统 首相 外长 防长 大使 代表 委员 常委 秘书 书长 事长 经理 "
    "总裁 司令 政委 将军 参谋 记者 作者 编辑 导演 演员 律师 医生 老师 教师 教练 "
    "同志 先生 女士 小姐 同学 警官 法官 支书 干事 董事 监事 理事 总监 总编 馆长 "
    "台长 关长 旗长 盟长 军长 师长 团长 营长 连长 班长 船长 厂长 店长 园长 护士 "
    "护师 厨师 村民 居民 市民 被告 原告 选手 队员 球员 歌手 作家 诗人 画家 学者 "
    "烈士";

/* What else stands behind a name. */
static const char cues[] =
    "主持 出席 指出 强调 表示 介绍 参加 陪同 会见 宣布 认为 说道 告诉 透露 坦言 "
    "坦承 致辞 致词 讲话 发言 带队 率队 调研 作了 听取 主讲 回忆 感慨 解释 补充 "
    "签署 担任 当选 获得 荣获 汇报 讲述 撰写 摄影";

/* Never part of a name: words of grammar; what is counted; places and offices. */
static const char never[] =
    "的了在是和与及或等为对将从被把让以并而且也都就又还再不没有要会能可这那其此每各某个位年月"
    "日时秒我你他她它们吗呢吧啊之者所向到由给已曾于请如若则因但却很更最太较称说讲谈问答做作用"
    "使令叫去来过着得地第次种件条项章节款号届两几多少些什怎哪谁自只仅均须该据按经应当候后前里"
    "内外间省市县区镇乡村州局厅部处科院校队组员长至截兼任赴率副原现岁男女底初";

/* Part of a name only where something beside it says that it is one. */
static const char rarely[] =
    "一二三四五六七八九十百千万亿零上下中左右大小老新旧东西南北高低好坏出入进退开关起落人口手"
    "水火土木车路点线面分元度级类性化家国工商税法案场店楼层室门户费价钱量数成本比看听吃喝走跑"
    "打拿放买卖写读学教生死想知见无非未必勿莫加减乘除拆建造设改变动静党政军民企业网电机械油气"
    "煤钢铁药医病毒菌公私共同合";

/* Words by themselves in bulletins and laws, though seldom in the text that the table of bound
 * characters was counted in; numerals. */
static const char single[] = "〇零一二三四五六七八九十百千万亿两半"
                             "本依非亦仍即故凡均无因同";

/* What foreign names are written with, and those of people whose languages are written so
 * (买买提·艾力, 扎西顿珠). */
static const char foreign[] =
    "阿埃艾爱安奥巴白拜班邦保鲍贝本比彼毕别宾波玻博伯布卜查茨达戴丹道德登邓迪蒂丁东杜多顿恩尔"
    "法凡范菲费芬冯弗福夫盖甘冈戈格葛根贡古哈海汉杭豪合赫亨洪侯胡华怀霍基吉加贾杰金卡凯坎康考"
    "柯科克肯孔库夸昆拉莱赖兰朗劳勒雷黎李里利丽莉历立连廉列林琳龙卢鲁路露伦罗洛吕马玛迈麦曼芒"
    "梅门蒙米密明敏摩莫默姆木穆拿纳娜乃奈南瑙尼妮涅宁牛纽农努诺女欧帕派潘庞佩彭蓬皮平珀蒲普齐"
    "奇恰强切琴青琼丘热日荣茹瑞若萨塞赛桑瑟森莎山尚绍申圣施史士司丝斯思松苏素索塔泰坦汤唐陶特"
    "腾提替田铁廷通图土托瓦万旺威韦维魏温文翁沃乌吾伍武西希席夏咸香肖谢辛欣休许雅亚延扬杨耶叶"
    "伊依因英尤尕孜约扎赞泽詹珍芝兹子宗佐可买江汗柔佳嘉翠旦措央仁珠堆甫肉祖力亥衣";

/* End the names of places, alone on the path. */
static const char places[] = "省市县区旗州镇乡村屯寨庄路街巷桥港岛江河湖山";

/* Words that end so are places, unless they end as one of no_areas does. */
static const char areas[] = "省市县区州旗镇乡";
static const char no_areas[] =
    "治区 治县 治州 发区 辖区 景区 护区 范区 民区 新区 山区 地区 牧区 园区 税区 社区 港区 库区 "
    "城区 "
    "假区 胜区 业区 理区 验区 宅区 教区 商区 险区 水区 别区 化区 燃区 养区 保区 落区 露区 试区 "
    "行区 "
    "辖市 城市 都市 超市 股市 楼市 上市 大局 省市 县市 乡镇 城镇 家乡 故乡 异乡 回乡 "
    "各县 各市 各区 各省 全省 全市 全县 全区 外省 本省 本市 本县 本区";

static const char provinces[] =
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 江苏 浙江 安徽 福建 江西 山东 河南 湖北 "
    "湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 广西 西藏 宁夏 新疆 香港 澳门 "
    "中国";

/* End the names of organisations: words by their last two characters, or 局 or 厅. */
static const char organisations[] =
    "公司 集团 银行 大学 学院 医院 中学 小学 员会 协会 学会 究院 究所";

/* Words that end so, and 局 and 厅 alone. Other words that begin as one of them does and are as
 * long are looked at too. */
static const char organisation_words[] =
    "局 厅 公司 集团 银行 大学 学院 医院 中学 小学 协会 学会 委员会 研究院 研究所 有限公司 "
    "股份公司 有限责任公司 股份有限公司 师范大学 职业学院 技术学院 科技大学 农业大学 规划局 "
    "公安局 教育局 财政局 水利局 民政局 司法局 统计局 审计局 卫生局 农业局 林业局 环保局 税务局 "
    "交通局 管理局 监督局 旅游局 体育局 文化局 商务局 服务局 执法局 资源局 公安厅 教育厅 财政厅 "
    "民政厅 司法厅 商务厅";

static uint32_t next_char(const char **p, const char *end)
{
    uint32_t cp = 0;
    *p += utf8_next(*p, end, &cp);
    return entry_cp(fold_entry(cp), cp);
}

static void set_flags(struct name_table *t, const char *list, size_t n, unsigned flags)
{
    for (const char *p = list, *end = list + n; p < end;) {
        uint32_t cp = next_char(&p, end);
        if (cp - NAME_FIRST < NAME_CHARS)
            t->flag[cp - NAME_FIRST] |= (uint8_t)flags;
    }
}

static void set_pairs(struct name_pairs *pairs, const char *list, size_t n)
{
    for (const char *p = list, *end = list + n; p < end && pairs->n < NAME_PAIRS;) {
        uint32_t first = next_char(&p, end), second = next_char(&p, end);
        pairs->at[pairs->n++] = name_pair(first, second);
        pairs->slot[name_slot(first, second)] = 1;
        p += p < end; /* the blank */
    }
}

/* Note that the words of a list, or its characters when they are not set apart, end names. */
static void set_ends(struct name_table *t, const char *list, size_t n, bool apart)
{
    for (const char *p = list, *end = list + n; p < end; p += apart && p < end) {
        uint32_t first = next_char(&p, end), last = first;
        unsigned length = 1;
        for (; apart && p < end && *p != ' '; length++)
            last = next_char(&p, end);
        t->ends[first - NAME_FIRST] |= (uint8_t)(1u << length);
        t->ends[last - NAME_FIRST] |= NAME_ENDS_WORD;
    }
}

void name_table_init(struct name_table *t)
{
    set_flags(t, surnames, sizeof(surnames) - 1, NAME_SURNAME);
    set_flags(t, doubtful_surnames, sizeof(doubtful_surnames) - 1, NAME_SURNAME | NAME_DOUBTFUL);
    set_flags(t, never, sizeof(never) - 1, NAME_NEVER);
    set_flags(t, rarely, sizeof(rarely) - 1, NAME_RARELY);
    set_flags(t, foreign, sizeof(foreign) - 1, NAME_FOREIGN);
    set_flags(t, single, sizeof(single) - 1, NAME_SINGLE);
    for (uint32_t i = 0; i < NAME_CHARS; i++)
        if (is_bound(NAME_FIRST + i) && !(t->flag[i] & (NAME_NEVER | NAME_SINGLE)))
            t->flag[i] |= NAME_BOUND;
    set_pairs(&t->compound, compound_surnames, sizeof(compound_surnames) - 1);
    set_pairs(&t->title, titles, sizeof(titles) - 1);
    set_pairs(&t->cue, cues, sizeof(cues) - 1);
    set_pairs(&t->province, provinces, sizeof(provinces) - 1);
    set_pairs(&t->no_area, no_areas, sizeof(no_areas) - 1);
    set_pairs(&t->organisation, organisations, sizeof(organisations) - 1);
    set_ends(t, organisation_words, sizeof(organisation_words) - 1, true);
    set_ends(t, places, sizeof(places) - 1, false);
    for (const char *p = areas, *end = p + sizeof(areas) - 1; p < end;)
        t->ends[next_char(&p, end) - NAME_FIRST] |= NAME_ENDS_AREA;
    for (size_t i = 0; i < t->compound.n; i++) {
        uint32_t first = (uint32_t)(t->compound.at[i] >> 32);
        if (first - NAME_FIRST < NAME_CHARS)
            t->flag[first - NAME_FIRST] |= NAME_COMPOUND;
    }
    for (uint32_t i = 0; i < NAME_CHARS; i++) {
        t->begins[i] = (uint8_t)(name_starts(t->flag[i]) | (t->ends[i] & NAME_END_LENGTHS));
    }
}

bool name_has_pair(const struct name_pairs *pairs, uint32_t first, uint32_t second)
{
    uint64_t pair = name_pair(first, second);
    if (!pairs->slot[name_slot(first, second)])
        return false;
    for (size_t i = 0; i < pairs->n; i++)
        if (pairs->at[i] == pair)
            return true;
    return false;
}
