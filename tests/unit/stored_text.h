/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_STORED_TEXT_H
#define GONGBAO_STORED_TEXT_H

/* Records that are like one another as bulletins are, and dictionaries made of them, for tests of
 * stored text and its fuzzer. Include where assert is cmocka's, or PROVE a fuzzer's. */

#include "../../index/squeeze.h"
#include <gongbao/buf.h>

enum { NOTICES = 400 };

struct notices {
    struct buf bytes;
    struct str record[NOTICES];
    size_t n;
};

/* Notices of so many sentences; `kind` makes those of one collection differ from another's. */
static inline void make_notices(struct notices *t, size_t n, size_t sentences, unsigned kind)
{
    static const char *const what[] = {"市委书记",    "市政府办公室", "县(市、区)人民政府",
                                       "各有关单位",  "省发展改革委", "强調(diào)高質(zhì)量發展",
                                       "生态环境部门"};
    static const char *const does[] = {"要求认真贯彻执行", "召开会议,部署", "印发通知,公布",
                                       "研究决定,自2024年10月31日起施行", "组织开展专项检查"};
    static const char *const of[] = {"防汛工作",       "第四季度重点工作", "行政处罚决定",
                                     "“5+5”产业项目",  "安全生产责任制",   "农村公路管理办法",
                                     "增长23.4%的目标"};
    size_t end[NOTICES + 1] = {0};
    uint32_t dice = 12345 + kind * 7919;
    buf_init(&t->bytes, SIZE_MAX);
    for (t->n = 0; t->n < n; end[++t->n] = t->bytes.n) {
        buf_addf(&t->bytes, "notice-%u-%zu", kind, t->n);
        for (size_t i = 0; i < sentences; i++) {
            dice = dice * 1664525 + 1013904223;
            buf_addf(&t->bytes, "第%u条 %s%s%s%c%c。", dice >> 20, what[(dice >> 8) % 7],
                     does[(dice >> 12) % 5], of[(dice >> 16) % 7], (int)('a' + kind % 26),
                     (int)('a' + dice % 23));
        }
    }
    for (size_t i = 0; i < n; i++)
        t->record[i] = str_from(t->bytes.p + end[i], end[i + 1] - end[i]);
}

/* The same dictionary for unpacking as the one for packing. */
static inline struct squeeze_dict *reading_dict(const struct squeeze_dict *d)
{
    char name[SQUEEZE_DICT_NAME];
    struct squeeze_dict *out = NULL;
    squeeze_dict_name(d, name);
    squeeze_dict_read(str_of(name), buf_str(&d->bytes), SQUEEZE_UNPACK, &out, NULL);
    return out;
}

#endif
