/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names of kinds, index terms of tokens, and what is known of one character.
 *
 * One table gives each kind its name and the prefix of its terms, which only the letters of
 * readings have: an upper-case letter, as no folded text has. A reading has no term: its letters
 * are tokens of a kind of their own. A word is spelt as a dictionary has it, its term as a text
 * folds.
 */

#include "fold.h"
#include <gongbao/analysis.h>
#include <gongbao/utf8.h>

static const struct {
    const char *name;
    const char *prefix; /* NULL: not a term */
} kinds[AN_KINDS] = {
    [AN_WORD] = {"word", ""},         [AN_NAME] = {"name", ""},
    [AN_UNKNOWN] = {"unknown", ""},   [AN_LATIN] = {"latin", ""},
    [AN_NUMBER] = {"number", ""},     [AN_SHORTHAND] = {"shorthand", ""},
    [AN_BIGRAM] = {"bigram", ""},     [AN_CHAR] = {"char", ""},
    [AN_READING] = {"reading", NULL}, [AN_LETTERS] = {"letters", AN_TERM_LETTERS},
    [AN_PIECE] = {"piece", ""},
};

const char *an_kind_name(enum an_kind kind)
{
    return kind < AN_KINDS ? kinds[kind].name : "?";
}

void an_term(const struct an_token *tok, struct buf *out)
{
    const char *prefix = kinds[tok->kind].prefix;
    if (!prefix)
        return;
    char *at = buf_room(out, 1 + 4 * (size_t)tok->ncp);
    if (!at)
        return;
    size_t n = 0;
    if (*prefix)
        at[n++] = *prefix;
    for (size_t i = 0; i < tok->ncp; i++)
        n += utf8_put(an_fold_char(tok->cp[i]), at + n);
    out->n += n;
}

uint32_t an_fold_char(uint32_t cp)
{
    return cp > 0x10ffff ? FOLD_BAD : entry_cp(fold_entry(cp), cp);
}

uint32_t an_lexicon_char(uint32_t cp)
{
    if (cp > 0x10ffff)
        return LEX_NOT_TEXT;
    uint32_t entry = fold_entry(cp);
    switch (entry_role(entry)) {
    case ROLE_DROPPED:
        return 0;
    case ROLE_SEPARATOR:
        return LEX_NOT_TEXT;
    default:
        return entry_cp(entry, cp);
    }
}

bool an_is_han(uint32_t cp)
{
    return cp <= 0x10ffff && entry_class(fold_entry(cp)) == CLASS_HAN;
}

uint32_t an_fold_version(void)
{
    return fold_version;
}
