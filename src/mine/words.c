/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Proposed words: the list of them, and what the two ways of finding them share. */

#include "mine.h"

#include <gongbao/array.h>
#include <stdlib.h>

void mine_words_fini(struct mine_words *w)
{
    free(w->word);
    *w = (struct mine_words){0};
}

bool mine_words_add(struct mine_words *w, const struct mine_word *word)
{
    struct mine_word *room = array_room(w->word, w->n, &w->cap, sizeof(*room));
    if (!room)
        return false;
    w->word = room;
    w->word[w->n++] = *word;
    return true;
}

static int by_score(const void *pa, const void *pb)
{
    const struct mine_word *a = pa, *b = pb;
    if (a->score < b->score || a->score > b->score)
        return a->score > b->score ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

void mine_words_sort(struct mine_words *w)
{
    if (w->n > 0)
        qsort(w->word, w->n, sizeof(*w->word), by_score);
}

bool mine_is_known(const struct mine_text *t, const struct lex *lex, size_t at, size_t n)
{
    uint32_t cp[MINE_WORD_MAX];
    struct lex_match m;
    for (size_t i = 0; i < n; i++)
        cp[i] = t->cp_of[t->code[at + i]];
    return lex && lex_find(lex, cp, n, &m);
}

size_t mine_documents(const struct mine_text *t, const struct mine_suffixes *s, size_t from,
                      size_t to, struct mine_seen *seen)
{
    size_t n = 0;
    seen->mark++;
    for (size_t i = from; i < to; i++) {
        uint32_t *last = &seen->of[mine_text_document_of(t, s->at[i])];
        n += *last != seen->mark;
        *last = seen->mark;
    }
    return n;
}
