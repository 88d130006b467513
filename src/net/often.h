/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_OFTEN_H
#define NET_OFTEN_H

/* The texts that come most often, in bounded memory. */

#include <gongbao/str.h>

#define OFTEN_TEXT 304 /* bytes kept of a text */

struct often;

struct often_row {
    struct str text;
    uint64_t count; /* how often it came, or up to `error` more than that */
    uint64_t error;
    uint64_t total; /* as given with it the last time */
};

/* With room for n texts. NULL without memory. */
struct often *often_new(size_t n);
void often_free(struct often *t); /* NULL is allowed */

/* A text has come. Of one longer than OFTEN_TEXT its beginning counts. */
void often_add(struct often *t, struct str text, uint64_t total);

/* The most frequent ones, at most n, the most frequent first; texts are good until the next
 * often_add. Returns how many there are in row. */
size_t often_list(const struct often *t, struct often_row *row, size_t n);

#endif
