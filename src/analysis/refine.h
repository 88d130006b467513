/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_REFINE_H
#define GONGBAO_ANALYSIS_REFINE_H

/* What the lexicon does not know, after the best path: names and unknown words. */

#include "names.h"
#include "words.h"

/* Look through the paths of the items [0, n). Given names and unknown words that are found become
 * parts, and so do whole names. */
void refine_path(const struct name_table *t, const struct items *it, size_t n, struct words *w);

#endif
