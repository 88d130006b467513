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
#include "fold.h"
#include <gongbao/utf8.h>

static const char surnames[] =
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛"
    "奚范彭郎鲁韦昌马苗凤方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐傅皮卞齐康伍余元卜"
    "顾孟黄穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄"
    "危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪"
    "包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯"
    "宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰鄂索咸籍赖"
    "卓蔺屠蒙池乔阴鬱胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温"
    "别庄晏柴瞿阎充慕连茹习宦艾鱼容古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔"
    "隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公付肖闫"
    "苟仝代仉佟郄佘商牟缑亢况岳帅海晋楚鄢汝涂钦归佴佰赏撒禚揣覃湾苑邸迟战原藏粟操阳敬才揭鹿兰侍"
    "线化展信铁衣伦初冼植门年但位但练辜么晋植肇种邝帖来巨矫胶逯嘎哈母由亓水药祢亓冶牙油逢芦库粘"
    "尉恽隋腾郇鹏尧檀漆笪晋宾宛豆岩刑占卿宝谌院茆麦";

/* Also words of their own, or beginnings of words, everywhere: a name needs more to be believed. */
static const char doubtful_surnames[] =
    "于时高向常成应能从别但位由来年后前关计经解通全相利公国文东双边万家满都广初原"
    "代占化展信战强终单农党权水门线种石江山海路空明白红金马方任许何安和平乐元伏支"
    "管包左曲富车秋印才母么药铁养须易古居步容连充习师养简井谷宿通盖益游丰归操敬来"
    "米麻束幸司怀索籍池沙越融冷岩宝院豆占油库库逢巨查商海况赏撒藏衣扶宰别庄暴牧卓";

static const char compound_surnames[] =
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 "
    "濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 "
    "公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 "
    "微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚 左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 "
    "南荣 东里 东宫 仲长 子书 子桑 即墨 达奚 褚师 纳兰 叶赫 完颜 耶律 爱新 那拉 富察 钮祜 范姜";

/* The last two characters of what stands before a name, or all of what stands behind it. */
static const char titles[] =
    "书记 市长 省长 县长 区长 镇长 乡长 村长 州长 部长 厅长 局长 处长 科长 司长 署长 主席 主任 "
    "会长 院长 校长 所长 行长 社长 站长 队长 组长 庭长 院士 教授 博士 专家 总理 总统 首相 外长 "
    "防长 "
    "大使 代表 委员 常委 秘书 书长 事长 经理 总裁 司令 政委 将军 参谋 记者 作者 编辑 导演 演员 "
    "律师 "
    "医生 老师 教师 教练 同志 先生 女士 小姐 同学 警官 法官 支书 干事 董事 监事 理事 总监 总编 "
    "馆长 "
    "台长 关长 旗长 盟长 军长 师长 团长 营长 连长 班长 船长 厂长 店长 园长 护士 护师 厨师 村民 "
    "居民 "
    "市民 被告 原告 选手 队员 球员 歌手 作家 诗人 画家 学者 烈士";

static const char cues[] = "主持 出席 指出 强调 表示 介绍 参加 陪同 会见 宣布 认为 说道 告诉 透露 "
                           "坦言 坦承 致辞 致词 讲话 "
                           "发言 带队 率队 调研 作了 听取 主讲 回忆 感慨 解释 补充 签署 担任 当选 "
                           "获得 荣获 同志 先生 女士 "
                           "教授 主席 书记 市长 局长 主任 老师 院士 博士 医生 律师 校长 院长 汇报 "
                           "一行 等人 讲述 撰写 摄影";

/* Never part of a name. */
static const char never[] =
    "的了在是和与及或等为对将从被把让以并而且也都就又还再不没有要会能可这那其此每各某个位年月日时"
    "秒我你他她它们吗呢吧啊之者所向到由给已曾于请如若则因但却很更最太较称说讲谈问答做作用使令叫去"
    "来过着得地第次种件条项章节款号届两几多少些什怎哪谁自只仅均须该据按经该应当时候后前里内外间"
    "省市县区镇乡村州局厅部处科院校所队组员长县该至截兼任赴率副原现届岁男女月底初";

/* Part of a name only where something beside it says that it is one. */
static const char rarely[] =
    "一二三四五六七八九十百千万亿零上下中左右大小老新旧东西南北高低好坏出入进退开关起落人口手水火"
    "土木车路点线面分元度级类性化家国队工商税法案件组场店楼层室门户费价钱量数成本比率"
    "看听吃喝走跑打拿放买卖写读学教做生死想知见无非未必须勿莫加减乘除被拆建造设改变动静"
    "党政军民企业网电机械油气煤钢铁药医病毒菌公私共同合作";

/* What foreign names are written with. */
static const char foreign[] =
    "阿埃艾爱安奥巴白拜班邦保鲍贝本比彼毕别宾波玻博伯布卜查茨达戴丹道德登邓迪蒂丁东杜多顿恩尔法凡"
    "范菲费芬冯弗福夫盖甘冈戈格葛根贡古哈海汉杭豪合赫亨洪侯胡华怀霍基吉加贾杰金卡凯坎康考柯科克肯"
    "孔库夸昆拉莱赖兰朗劳勒雷黎李里利丽莉历立连廉列林琳龙卢鲁路露伦罗洛吕马玛迈麦曼芒梅门蒙米密明"
    "敏摩莫默姆木穆拿纳娜乃奈南瑙尼妮涅宁牛纽农努诺女欧帕派潘庞佩彭蓬皮平珀蒲普齐奇恰强切琴青琼丘"
    "热日荣茹瑞若萨塞赛桑瑟森莎山尚绍申圣施史士司丝斯思松苏素索塔泰坦汤唐陶特腾提替田铁廷通图土托"
    "瓦万旺威韦维魏温文翁沃乌吾伍武西希席夏咸香肖谢辛欣休许雅亚延扬杨耶叶伊依因英尤尕孜约扎赞泽"
    "詹珍芝兹子宗佐可买江热汗别柔佳嘉翠旦措央仁顿珠旺堆吾甫肉孜祖力亥木热衣";

static uint32_t next_char(const char **p, const char *end)
{
    uint32_t cp = 0;
    *p += utf8_next(*p, end, &cp);
    return entry_cp(fold_entry(cp), cp);
}

static void set_flags(struct name_table *t, const char *list, size_t n, enum name_flag flag)
{
    for (const char *p = list, *end = list + n; p < end;) {
        uint32_t cp = next_char(&p, end);
        if (cp - NAME_FIRST < NAME_CHARS)
            t->flag[cp - NAME_FIRST] |= (uint8_t)flag;
    }
}

static void set_pairs(struct name_pairs *pairs, const char *list, size_t n)
{
    for (const char *p = list, *end = list + n; p < end && pairs->n < NAME_PAIRS;) {
        uint32_t first = next_char(&p, end), second = next_char(&p, end);
        pairs->at[pairs->n++] = name_pair(first, second);
        p += p < end; /* the blank */
    }
}

void name_table_init(struct name_table *t)
{
    set_flags(t, surnames, sizeof(surnames) - 1, NAME_SURNAME);
    set_flags(t, doubtful_surnames, sizeof(doubtful_surnames) - 1, NAME_DOUBTFUL);
    set_flags(t, never, sizeof(never) - 1, NAME_NEVER);
    set_flags(t, rarely, sizeof(rarely) - 1, NAME_RARELY);
    set_flags(t, foreign, sizeof(foreign) - 1, NAME_FOREIGN);
    set_pairs(&t->compound, compound_surnames, sizeof(compound_surnames) - 1);
    set_pairs(&t->title, titles, sizeof(titles) - 1);
    set_pairs(&t->cue, cues, sizeof(cues) - 1);
    for (size_t i = 0; i < t->compound.n; i++) {
        uint32_t first = (uint32_t)(t->compound.at[i] >> 32);
        if (first - NAME_FIRST < NAME_CHARS)
            t->flag[first - NAME_FIRST] |= NAME_COMPOUND;
    }
}

bool name_has_pair(const struct name_pairs *pairs, uint32_t first, uint32_t second)
{
    uint64_t pair = name_pair(first, second);
    for (size_t i = 0; i < pairs->n; i++)
        if (pairs->at[i] == pair)
            return true;
    return false;
}
