/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_RANDOM_DOCUMENT_H
#define GONGBAO_RANDOM_DOCUMENT_H

/* Terms and values of documents at random, of all lengths and frequencies. */

#include "../../index/segment_builder.h"
#include "random_text.h"

enum { RANDOM_TERM = 128, RANDOM_VALUE = 300, RANDOM_VALUES = 10 };

/* A term: mostly short and frequent, now and then long, or with NULs. */
static inline struct str random_term(struct dice *d, char *room)
{
    size_t kind = dice_below(d, 10), n = 1 + dice_below(d, kind ? 3 : 120);
    for (size_t i = 0; i < n; i++)
        room[i] = (char)(kind == 1 ? dice_below(d, 3) : 'a' + dice_below(d, 12));
    return str_from(room, n);
}

static inline bool has_term(const struct ix_term *terms, size_t n, struct str term)
{
    while (n-- > 0)
        if (str_eq(terms[n].bytes, term))
            return true;
    return false;
}

static inline uint32_t random_wdf(struct dice *d)
{
    static const size_t most[] = {2, 2, 3, 130, 40000};
    return (uint32_t)dice_below(d, PICK(d, most));
}

static inline size_t random_terms(struct dice *d, char (*room)[RANDOM_TERM], struct ix_term *out,
                                  size_t most)
{
    size_t n = 0;
    out[n++] = (struct ix_term){STR("in every document"), 1};
    for (size_t i = dice_below(d, most); i > 0; i--) {
        struct str term = random_term(d, room[n]);
        if (!has_term(out, n, term))
            out[n++] = (struct ix_term){term, random_wdf(d)};
    }
    return n;
}

static inline size_t random_values(struct dice *d, char (*room)[RANDOM_VALUE],
                                   struct seg_value *out)
{
    static const uint32_t slots[] = {0, 1, 2, 127, 128, 129, 256, 300, 16384, 70000};
    size_t n = 0;
    for (size_t i = 0; i < COUNT_OF(slots); i++) {
        if (!dice_once_in(d, 3))
            continue;
        size_t length = 1 + dice_below(d, dice_once_in(d, 20) ? RANDOM_VALUE : 9);
        for (size_t k = 0; k < length; k++)
            room[i][k] = (char)dice_below(d, 256);
        out[n++] = (struct seg_value){slots[i], str_from(room[i], length)};
    }
    return n;
}

#endif
