/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_NAMES_H
#define GONGBAO_ANALYSIS_NAMES_H

/* Words that the lexicon does not have, found after the best path. */

#include "name_table.h"
#include "segment.h"

/* Add the names of persons among items [from, to), a run whose path w holds, behind the parts. */
void names_find(const struct name_table *t, const struct items *it, size_t from, size_t to,
                struct words *w);

/* Names whose pieces a middle dot joins, among items [0, n), as parts; their pieces go on the
 * path. */
void names_with_dots(const struct name_table *t, const struct items *it, size_t n, struct words *w);

#endif
