/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Counting documents by the values of a field.
 *
 * Each segment has its values numbered, and each of its documents the numbers of its own: so to
 * count is to add one in an array. Only in the end the counts of several segments are joined by
 * value.
 */

#include "engine.h"
#include <algorithm>

struct ix_tally {
    const ix_view *view;
    std::vector<struct columns_values> values;
    std::vector<std::vector<uint32_t>> count; /* by segment and number */
};

enum st ix_tally_open(struct ix_view *v, enum ix_tally_of of, struct ix_tally **out,
                      struct err *err)
{
    return guard(err, nullptr, [&] {
        auto t = std::make_unique<ix_tally>();
        t->view = v;
        for (part *p : v->parts) {
            struct columns_values values = {};
            enum st st = guard_part(p, err, [&](struct err *why) {
                return columns_get_values(p->s->columns, of, &values, why);
            });
            if (st != ST_OK)
                return st;
            t->values.push_back(values);
            t->count.emplace_back(values.n);
        }
        *out = t.release();
        return ST_OK;
    });
}

void ix_tally_close(struct ix_tally *t)
{
    delete t;
}

void ix_tally_reset(struct ix_tally *t)
{
    for (auto &count : t->count)
        std::fill(count.begin(), count.end(), 0);
}

void ix_tally_add(struct ix_tally *t, uint64_t doc)
{
    const size_t i = t->view->part_of(doc);
    const Xapian::docid docid = t->view->docid_in(doc);
    const struct columns_values &v = t->values[i];
    for (uint32_t k = v.begin[docid]; k < v.begin[docid + 1]; k++)
        t->count[i][v.value[k]]++;
}

static struct str value_at(const struct columns_values &v, uint32_t number)
{
    const uint64_t begin = number ? v.end[number - 1] : 0;
    return str_from(v.bytes + begin, (size_t)(v.end[number] - begin));
}

static bool is_before(const struct ix_count &a, const struct ix_count &b)
{
    return a.n != b.n ? a.n > b.n : str_cmp(a.value, b.value) < 0;
}

/* Every value that was met, in order of values. */
static std::vector<struct ix_count> join(const struct ix_tally *t)
{
    std::vector<struct ix_count> all;
    for (size_t i = 0; i < t->count.size(); i++)
        for (uint32_t k = 0; k < t->values[i].n; k++)
            if (t->count[i][k])
                all.push_back({value_at(t->values[i], k), t->count[i][k]});
    if (t->count.size() < 2)
        return all;
    std::sort(all.begin(), all.end(), [](const struct ix_count &a, const struct ix_count &b) {
        return str_cmp(a.value, b.value) < 0;
    });
    size_t n = 0;
    for (const struct ix_count &c : all) {
        if (n && str_eq(all[n - 1].value, c.value))
            all[n - 1].n += c.n;
        else
            all[n++] = c;
    }
    all.resize(n);
    return all;
}

enum st ix_tally_top(const struct ix_tally *t, size_t max, struct arena *a, struct ix_count **out,
                     size_t *n, uint64_t *more, struct err *err)
{
    return guard(err, nullptr, [&] {
        std::vector<struct ix_count> all = join(t);
        *n = std::min(max, all.size());
        *more = all.size() - *n;
        std::partial_sort(all.begin(), all.begin() + (ptrdiff_t)*n, all.end(), is_before);
        *out = static_cast<struct ix_count *>(arena_calloc(a, *n, sizeof(**out)));
        if (!*out)
            return err_nomem(err);
        for (size_t i = 0; i < *n; i++)
            (*out)[i] = {arena_str(a, all[i].value), all[i].n};
        return a->failed ? err_nomem(err) : ST_OK;
    });
}
