/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Documents counted by the months of their dates.
 *
 * There is a counter for each month of ten thousand years, so that counting is one step a document
 * and what comes out is in order. Years are sums of their months, made when they are told. Months
 * in which there is nothing have no row.
 */

#include "months.h"

bool months_add(struct months *m, uint32_t date)
{
    const uint32_t month = date / 100 % 100, at = date / 10000 * MONTHS_YEAR + month - 1;
    if (date == 0 || month < 1 || month > MONTHS_YEAR || at >= MONTHS_ALL)
        return false;
    m->n[at]++;
    return true;
}

/* The row of a year, or of the month `at`. */
static struct srch_facet_row row_of(uint32_t at, bool year, uint32_t n, struct arena *a)
{
    const uint32_t y = at / MONTHS_YEAR, month = at % MONTHS_YEAR + 1;
    const char *value = year ? arena_fmt(a, "%04u", y) : arena_fmt(a, "%04u-%02u", y, month);
    return (struct srch_facet_row){str_of(value), n};
}

enum st months_tell(const struct months *m, const struct months_order *order, struct arena *a,
                    struct srch_facet *out, struct err *err)
{
    const uint32_t step = order->years ? MONTHS_YEAR : 1;
    size_t cap = 0;
    for (uint32_t i = 0; i < MONTHS_ALL; i += step) {
        const uint32_t first = order->latest_first ? MONTHS_ALL - step - i : i;
        uint32_t sum = 0;
        for (uint32_t k = first; k < first + step; k++)
            sum += m->n[k];
        if (sum == 0)
            continue;
        if (order->most && out->n == order->most) {
            out->more++;
            continue;
        }
        struct srch_facet_row *room = arena_room(a, out->row, out->n, &cap, sizeof(*room));
        if (!room)
            return err_nomem(err);
        out->row = room;
        out->row[out->n++] = row_of(first, order->years, sum, a);
    }
    return a->failed ? err_nomem(err) : ST_OK;
}
