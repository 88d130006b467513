/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_WORDS_H
#define GONGBAO_WORDS_H

/* The words of an index: for completing what is being typed, for reading pinyin, and for telling
 * what was meant by a word that is not there.
 *
 * A table is made of the terms of a view. It takes a while for a large index, so it is made piece
 * by piece between requests; afterwards it needs neither the view nor the lexicon.
 *
 *     words_new(&w, err);
 *     do
 *         st = words_build(w, view, lex, now + 5 ms, &done, err);
 *     while (st == ST_OK && !done);
 *     n = words_complete(w, STR("经济"), found, 10);
 */

#include <gongbao/arena.h>
#include <gongbao/err.h>
#include <gongbao/index.h>
#include <gongbao/lexicon.h>

struct words;

enum st words_new(struct words **out, struct err *err);
void words_free(struct words *w);

/* Go on until the clock (CLOCK_MONOTONIC) has passed until_ns, 0: to the end. view and lex are the
 * same in each call; without a lexicon (NULL) every pair of characters is a word. Once *done the
 * table can be asked. After an error it can only be freed. */
enum st words_build(struct words *w, const struct ix_view *view, const struct lex *lex,
                    uint64_t until_ns, bool *done, struct err *err);

/* A word that was found; its text lives as long as the table. */
struct words_found {
    struct str text; /* as the lexicon spells it, or folded */
    uint64_t documents;
    double edit; /* the part of the cost that does not come from how rare it is */
    double cost; /* how unlikely it is that this was meant, as -ln of a probability, about */
};

/* Put a word among the max best, the least cost first. */
void words_put(struct words_found *out, size_t *n, size_t max, const struct words_found *one);

/* The most frequent words that begin with a folded text and are longer, at most max of them. */
size_t words_complete(const struct words *w, struct str prefix, struct words_found *out,
                      size_t max);

/* Words whose reading is a run of letters, a to z and ', v for ü: whole syllables (lishui),
 * initials (lsw), or both (zhjianshe); with `begins`, also words whose reading begins so. A '
 * stands between two syllables (xi'an). The least cost first. */
size_t words_spelt(const struct words *w, struct str letters, bool begins, struct words_found *out,
                   size_t max);

/* The same for a run of several words, all of it syllables (lishuishirenminzhengfu) or all of it
 * initials (xnjs). Nothing when the clock passes until_ns (0: never) before all is read. A text
 * lives in the arena. */
enum st words_read(const struct words *w, struct str letters, uint64_t until_ns, struct arena *a,
                   struct words_found *out, size_t max, size_t *n, struct err *err);

/* Whether n characters, in whatever spelling, can be read as such letters, or begin so. */
bool words_sounds(struct str letters, const uint32_t *cp, size_t n);

/* Words that may have been meant by n folded characters, which are not among them: those that sound
 * alike (经剂, 经济), and those that are one edit away: another character, the likelier when it
 * looks alike, one more or less, two that changed places. The least cost first. */
size_t words_near(const struct words *w, const uint32_t *cp, size_t n, struct words_found *out,
                  size_t max);

#define WORDS_NEAR_MAX 8  /* characters that words_near looks at */
#define WORDS_READ_MAX 48 /* letters that are read; of more nothing is found */

#endif
