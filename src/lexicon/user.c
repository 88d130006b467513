/* SPDX-License-Identifier: GPL-2.0-or-later */

/* User words: taking a line of them apart, and editing a text of them.
 *
 * One function reads a line, for the builder and for the editor, so that what can be added can
 * also be compiled. Two lines are about the same word when their keys are the same: 強調 and 强调.
 * The editor copies every line that is not about its word byte by byte, comments and empty lines
 * too, and reads them all the same, so that a mistake made by hand is told before anything is
 * written.
 */

#include "builder.h"
#include <gongbao/buf.h>
#include <gongbao/utf8.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Cut a run of what is not blank off the front of *line, and the blanks before it. */
static struct str cut_field(struct str *line)
{
    size_t from = 0, to;
    while (from < line->n && is_blank(line->p[from]))
        from++;
    for (to = from; to < line->n && !is_blank(line->p[to]);)
        to++;
    struct str field = str_from(line->p + from, to - from);
    *line = str_from(line->p + to, line->n - to);
    return field;
}

static bool is_dash(uint32_t cp)
{
    return cp == '-' || (cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212 || cp == 0xfe58 ||
           cp == 0xfe63 || cp == 0xff0d;
}

/* Only '-' takes a word away. Any other dash before it is a slip, and would add what was to go. */
static enum st check_dash(struct str word, struct err *err)
{
    uint32_t cp = 0;
    unsigned len = word.n > 0 ? utf8_next(word.p, word.p + word.n, &cp) : 0;
    if (len == 0 || !is_dash(cp))
        return ST_OK;
    return err_set(err, ST_REJECTED, "a word does not begin with %.*s%s", (int)len, word.p,
                   cp == '-' ? "" : "; what takes one away is -, the narrow one");
}

/* A character that cannot stand in a word, by its number when it cannot be seen. */
static enum st refuse_separator(struct str word, const char *p, unsigned len, uint32_t cp,
                                struct err *err)
{
    if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
        return err_set(err, ST_REJECTED, "U+%04X, a control character, cannot stand in a word", cp);
    return err_set(err, ST_REJECTED, "\"" STR_FMT "\" cannot be a word: \"%.*s\" separates words",
                   STR_ARG(word), (int)len, p);
}

/* Fold a word; every way in which it can be none has its own text. */
static enum st fold_word(struct str word, lex_fold *fold, uint32_t key[LEX_WORD_MAX],
                         uint32_t *nkey, struct err *err)
{
    uint32_t n = 0;
    for (const char *p = word.p, *end = word.p + word.n; p < end;) {
        uint32_t cp = 0;
        unsigned len = utf8_next(p, end, &cp);
        if (len == 0)
            return err_set(err, ST_REJECTED, "not UTF-8");
        uint32_t folded = fold(cp);
        if (folded == LEX_NOT_TEXT)
            return refuse_separator(word, p, len, cp, err);
        p += len;
        if (folded == 0)
            continue;
        if (n == LEX_WORD_MAX)
            return err_set(err, ST_REJECTED, "\"" STR_FMT "\" is longer than %d characters",
                           STR_ARG(word), LEX_WORD_MAX);
        key[n++] = folded;
    }
    if (n == 0)
        return err_set(err, ST_REJECTED, "\"" STR_FMT "\" has no text in it", STR_ARG(word));
    *nkey = n;
    return ST_OK;
}

/* What stands behind the word: a weight, a comment, or both. */
static enum st read_weight(struct str line, struct user_line *out, struct err *err)
{
    out->rest = line;
    struct str field = cut_field(&line);
    if (field.n == 0 || field.p[0] == '#')
        return ST_OK;
    if (out->removed)
        return err_set(err, ST_REJECTED, "a word that is taken away has no weight");
    if (!str_u64(field, UINT32_MAX, &out->weight) || out->weight == 0)
        return err_set(err, ST_REJECTED, "a weight is a number from 1 to %u, not " STR_FMT "%s",
                       UINT32_MAX, STR_ARG(field),
                       field.p[0] >= '0' && field.p[0] <= '9' ? "" : "; a word has no space in it");
    out->rest = line;
    field = cut_field(&line);
    if (field.n != 0 && field.p[0] != '#')
        return err_set(err, ST_REJECTED,
                       "nothing but a comment, which begins with #, "
                       "may stand behind the weight");
    return ST_OK;
}

enum st user_read_line(struct str line, lex_fold *fold, struct user_line *out,
                       uint32_t key[LEX_WORD_MAX], uint32_t *nkey, struct err *err)
{
    *out = (struct user_line){0};
    if (utf8_check(line.p, line.n) < line.n)
        return err_set(err, ST_REJECTED, "not UTF-8");
    struct str word = cut_field(&line);
    if (word.n == 0 || word.p[0] == '#')
        return ST_OK;
    if (word.p[0] == '-') {
        out->removed = true;
        word = str_from(word.p + 1, word.n - 1);
    }
    out->word = word;
    enum st st = check_dash(word, err);
    if (st == ST_OK)
        st = fold_word(word, fold, key, nkey, err);
    return st == ST_OK ? read_weight(line, out, err) : st;
}

enum st lex_word_key(lex_fold *fold, struct str word, uint32_t key[LEX_WORD_MAX], uint32_t *n,
                     struct err *err)
{
    if (word.n != 0 && word.p[0] == '#')
        return err_set(err, ST_REJECTED, "a word does not begin with #");
    enum st st = check_dash(word, err);
    return st == ST_OK ? fold_word(word, fold, key, n, err) : st;
}

/* ---- Editing ---- */

struct editor {
    lex_fold *fold;
    const struct lex_edit *edit;
    uint32_t key[LEX_WORD_MAX], nkey;
    struct str rest; /* of the last line about the word: its comment */
    size_t last;     /* number of that line; 0: none */
};

/* Whether a line is about the word. */
static enum st match_line(const struct editor *e, struct str line, struct user_line *u, bool *is,
                          struct err *err)
{
    uint32_t key[LEX_WORD_MAX], nkey = 0;
    enum st st = user_read_line(line, e->fold, u, key, &nkey, err);
    *is = u->word.n != 0 && nkey == e->nkey && memcmp(key, e->key, nkey * sizeof(*key)) == 0;
    return st;
}

/* Read all lines, and find the last about the word. */
static enum st find_last(struct editor *e, struct str text, const char *name, struct err *err)
{
    for (size_t number = 1; text.n > 0; number++) {
        struct user_line u;
        bool is;
        enum st st = match_line(e, str_cut(&text, '\n'), &u, &is, err);
        if (st != ST_OK) {
            err_prefix(err, "%s:%zu", name, number);
            return st;
        }
        if (is) {
            e->last = number;
            e->rest = u.rest;
        }
    }
    return ST_OK;
}

static void put_line(const struct editor *e, struct buf *out)
{
    if (e->edit->how == LEX_FORGET)
        return;
    if (e->edit->how == LEX_REMOVE)
        buf_addc(out, '-');
    buf_adds(out, e->edit->word);
    if (e->edit->weight != 0 && e->edit->how == LEX_PUT)
        buf_addf(out, " %llu", (unsigned long long)e->edit->weight);
    buf_adds(out, e->rest);
    buf_addc(out, '\n');
}

static void copy_edited(const struct editor *e, struct str text, struct buf *out)
{
    for (size_t number = 1; text.n > 0; number++) {
        struct user_line u;
        bool is;
        struct str line = str_cut(&text, '\n');
        if (match_line(e, line, &u, &is, NULL) == ST_OK && is) {
            if (number == e->last)
                put_line(e, out);
            continue;
        }
        buf_adds(out, line);
        buf_addc(out, '\n');
    }
    if (e->last == 0)
        put_line(e, out);
}

enum st lex_user_edit(lex_fold *fold, struct str text, const char *name,
                      const struct lex_edit *edit, struct buf *out, bool *changed, struct err *err)
{
    struct editor e = {.fold = fold, .edit = edit};
    size_t from = out->n;
    enum st st = lex_word_key(fold, edit->word, e.key, &e.nkey, err);
    if (st == ST_OK)
        st = find_last(&e, text, name, err);
    if (st != ST_OK)
        return st;
    copy_edited(&e, text, out);
    if (!buf_ok(out))
        return err_nomem(err);
    struct str edited = out->n > from ? str_from(out->p + from, out->n - from) : STR("");
    *changed = !str_eq(text, edited);
    return ST_OK;
}
