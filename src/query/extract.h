/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef QUERY_EXTRACT_H
#define QUERY_EXTRACT_H

/* Folded text in two bytes a character, as it is kept in memory of documents. */

#include <gongbao/query.h>

struct slim {
    const uint16_t *cp;
    size_t n;
};

/* An extract, taken apart. */
struct extract {
    struct slim title, body; /* AN_VIEW_TEXT */
    struct str url;
    bool readings; /* other views may differ */
    bool whole;    /* false: the body is not in it */
};

void extract_read(struct str bytes, struct extract *out);

/* A run in two bytes a character, in the arena; false when it has a character beyond them, or
 * without memory. */
bool slim_of(const struct an_text *run, struct arena *a, struct slim *out);

/* The first place >= from where needle occurs in hay, or SIZE_MAX. An empty needle is nowhere. */
size_t slim_find(struct slim hay, struct slim needle, size_t from);

#endif
