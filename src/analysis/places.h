/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_PLACES_H
#define GONGBAO_ANALYSIS_PLACES_H

/* Names of places and organisations that the lexicon does not know, after refine.c. */

#include "name_table.h"
#include "words.h"

/* Look where the endings that refine_path has listed among the items [0, n) lead back to. The names
 * become parts. */
void places_find(const struct name_table *t, const struct items *it, size_t n, struct words *w);

#endif
