/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_SEARCH_MONTHS_H
#define GONGBAO_SEARCH_MONTHS_H

/* Documents counted by the months of their dates. */

#include <gongbao/search.h>

enum { MONTHS_YEAR = 12, MONTHS_ALL = 10000 * MONTHS_YEAR };

/* Cleared to begin with. */
struct months {
    uint32_t n[MONTHS_ALL]; /* by year and month */
};

/* How counts are told: a row for each month or for each year that has something, the earliest
 * first or the latest, and not more than `most` rows, which 0 does not bound. */
struct months_order {
    bool years, latest_first;
    size_t most;
};

/* Count a document under its date, 20241031; false when that is 0 or none. */
bool months_add(struct months *m, uint32_t date);

/* The rows, in the arena, and how many there are more. */
enum st months_tell(const struct months *m, const struct months_order *order, struct arena *a,
                    struct srch_facet *out, struct err *err);

#endif
