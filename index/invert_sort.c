/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The order of terms: a radix sort, eight bytes at a time.
 *
 * Terms are sorted by their first eight bytes as one number, and those that agree in them by the
 * next eight, and so on. A shorter term is padded with NULs, and how much of it is left counts as a
 * ninth, least byte: so "a" stands before "a" with a NUL behind it, and what is longer behind both.
 * A sort goes from the least byte to the first and leaves out the bytes in which all agree; a few
 * terms are sorted by insertion.
 */

#include "invert_table.h"

enum { BYTES = HEAD + 1, FEW = 48 };

static bool before(const struct sort_item *a, const struct sort_item *b)
{
    return a->key < b->key || (a->key == b->key && a->left < b->left);
}

static bool same(const struct sort_item *a, const struct sort_item *b)
{
    return a->key == b->key && a->left == b->left;
}

static void sort_few(struct sort_item *item, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct sort_item moved = item[i];
        size_t at = i;
        for (; at > 0 && before(&moved, &item[at - 1]); at--)
            item[at] = item[at - 1];
        item[at] = moved;
    }
}

static unsigned byte_of(const struct sort_item *item, unsigned byte)
{
    return byte ? (unsigned)(item->key >> (8 * (byte - 1))) & 0xff : item->left;
}

/* Move items to where their byte belongs, given how many there are of each. */
static void scatter(const struct sort_item *from, struct sort_item *to, size_t n, unsigned byte,
                    const size_t count[256])
{
    size_t at[256], sum = 0;
    for (unsigned b = 0; b < 256; b++) {
        at[b] = sum;
        sum += count[b];
    }
    for (size_t i = 0; i < n; i++)
        to[at[byte_of(&from[i], byte)]++] = from[i];
}

static void sort_many(struct sort_item *item, struct sort_item *spare, size_t n)
{
    size_t count[BYTES][256] = {{0}};
    for (size_t i = 0; i < n; i++)
        for (unsigned byte = 0; byte < BYTES; byte++)
            count[byte][byte_of(&item[i], byte)]++;
    struct sort_item *from = item, *to = spare;
    for (unsigned byte = 0; byte < BYTES; byte++) {
        if (count[byte][byte_of(from, byte)] == n)
            continue;
        scatter(from, to, n, byte, count[byte]);
        struct sort_item *other = from;
        from = to;
        to = other;
    }
    if (from != item)
        memcpy(item, from, n * sizeof(*item));
}

/* Key the items by the bytes of their terms from `depth` on. */
static void key_items(const struct invert *v, struct sort_item *item, size_t n, size_t depth)
{
    for (size_t i = 0; i < n; i++) {
        const struct word *w = (const struct word *)v->words.p + item[i].word;
        size_t left = w->length - depth;
        item[i].key = depth ? post_head(v->rest.p + w->rest + depth - HEAD, left) : w->head;
        item[i].left = (uint32_t)(left > HEAD ? BYTES : left);
    }
}

/* Sort terms that agree in `depth` bytes. Those that cannot be told apart by the next HEAD are
 * longer than that. */
static void sort_from(const struct invert *v, struct sort_item *item, struct sort_item *spare,
                      size_t n, size_t depth)
{
    key_items(v, item, n, depth);
    if (n <= FEW)
        sort_few(item, n);
    else
        sort_many(item, spare, n);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && same(&item[i], &item[end]);)
            end++;
        if (end - i > 1)
            sort_from(v, item + i, spare, end - i, depth + HEAD);
    }
}

const struct sort_item *invert_sort(struct invert *v)
{
    struct sort_item *item = room_for(&v->items, v->n, sizeof(*item)),
                     *spare = room_for(&v->spare, v->n, sizeof(*item));
    if (!item || !spare)
        return NULL;
    for (size_t i = 0; i < v->n; i++)
        item[i].word = (uint32_t)i;
    sort_from(v, item, spare, v->n, 0);
    return item;
}
