/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Words by their quotes: what writers put between “ ” or 《 》 again and again.
 *
 * The runs are ordered by their characters, so equal ones are neighbours and can be counted without
 * a table. A phrase is proposed when enough documents quote it. It is scored by the number of
 * documents that do, times the share of its occurrences that are quoted: “以上” is quoted now and
 * then, “三会一课” nearly always.
 */

#include "mine.h"

#include <math.h>
#include <stdlib.h>

static int by_characters(const void *pa, const void *pb, void *ctx)
{
    const struct mine_quote *a = pa, *b = pb;
    const uint16_t *code = ((const struct mine_text *)ctx)->code;
    for (uint32_t i = 0; i < a->n && i < b->n; i++)
        if (code[a->at + i] != code[b->at + i])
            return code[a->at + i] < code[b->at + i] ? -1 : 1;
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static bool same(const struct mine_text *t, const struct mine_quote *a, const struct mine_quote *b)
{
    return a->n == b->n && memcmp(t->code + a->at, t->code + b->at, a->n * sizeof(*t->code)) == 0;
}

/* Documents of n quotes in order of place. */
static size_t documents_of(const struct mine_text *t, const struct mine_quote *q, size_t n)
{
    size_t found = 0, last = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t document = mine_text_document_of(t, q[i].at);
        found += document != last;
        last = document;
    }
    return found;
}

/* Measure n quotes of one phrase. False when it is not to be proposed. */
static bool measure_phrase(const struct mine_text *t, const struct mine_suffixes *s,
                           const struct mine_opts *opts, const struct mine_quote *q, size_t n,
                           struct mine_seen *seen, struct mine_word *out)
{
    size_t from, to, quoting = n < opts->documents ? 0 : documents_of(t, q, n);
    if (quoting < opts->documents || mine_is_known(t, opts->lex, q->at, q->n))
        return false;
    mine_range(t, s, t->code + q->at, q->n, &from, &to);
    *out = (struct mine_word){.at = q->at,
                              .n = q->n,
                              .count = (uint32_t)(to - from),
                              .documents = (uint32_t)mine_documents(t, s, from, to, seen),
                              .quoted = (uint32_t)n};
    out->score = (double)quoting * sqrt((double)n / (double)(to - from));
    return true;
}

enum st mine_quoted(const struct mine_text *t, const struct mine_suffixes *s,
                    const struct mine_opts *opts, struct mine_words *out, struct err *err)
{
    struct mine_seen seen = {calloc(t->ndocuments + 1, sizeof(*seen.of)), 0};
    bool ok = seen.of != NULL;
    if (t->nquotes > 0)
        qsort_r(t->quote, t->nquotes, sizeof(*t->quote), by_characters, (void *)(uintptr_t)t);
    for (size_t from = 0, to; ok && from < t->nquotes; from = to) {
        struct mine_word word;
        for (to = from + 1; to < t->nquotes && same(t, &t->quote[from], &t->quote[to]);)
            to++;
        if (measure_phrase(t, s, opts, &t->quote[from], to - from, &seen, &word))
            ok = mine_words_add(out, &word);
    }
    free(seen.of);
    mine_words_sort(out);
    return ok ? ST_OK : err_nomem(err);
}
