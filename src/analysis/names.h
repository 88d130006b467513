/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_NAMES_H
#define GONGBAO_ANALYSIS_NAMES_H

/* Names of persons, Chinese and foreign, after the best path. */

#include "name_table.h"
#include "words.h"

/* The name of a person: where it ends, and where its given name begins. */
struct name {
    size_t given, end;
};

/* The name that begins at items[at], which is Han, of [0, n) with the paths that w holds; it ends
 * at `at` when there is none. */
struct name name_at(const struct name_table *t, const struct items *it, size_t n,
                    const struct words *w, size_t at);

/* Whether the characters may be a name of two that is set with a space: 雷 敏. */
bool name_may_be_spaced(const struct name_table *t, uint32_t surname, uint32_t given);

/* The end of the name with a space that begins at items[at], a lone surname; at when there is
 * none. */
size_t spaced_name_end(const struct name_table *t, const struct items *it, size_t n,
                       const struct words *w, size_t at);

/* Names whose pieces a middle dot joins, among items [0, n), as parts; their pieces go on the
 * path. */
void names_with_dots(const struct name_table *t, const struct items *it, size_t n, struct words *w);

#endif
