/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Words that stand for others, from a file:
 *
 *     # a comment
 *     农三师 = 农作师, 农商师, 农匠师      each finds the others too
 *     水库 => 大坝                         水库 finds 大坝 too, and not the other way round
 *
 * Words are separated by commas of any kind. They are looked up as they fold, so that any spelling
 * of a word is found, at each place of a run where a word may begin. A word may stand in several
 * lines; what it stands for adds up.
 */

#include "lower.h"

#include <gongbao/array.h>
#include <gongbao/file.h>
#include <gongbao/map.h>
#include <gongbao/utf8.h>
#include <stdlib.h>

#define FILE_BYTES ((size_t)16 << 20)
#define LINE_WORDS 64
#define WORD_MAX   64 /* characters */
#define FIRST_BITS 1024

struct q_synonyms {
    struct arena a;
    struct map number; /* by a word as it folds: of its list, counting from 1 */
    struct list {
        struct str *at;
        size_t n, cap;
    } * list;
    size_t n, cap;
    size_t longest;                   /* characters of a word */
    uint64_t begins[FIRST_BITS / 64]; /* low bits of the characters that words begin with */
    struct an_text fold;
};

/* What a word stands for, a list of no others yet when it is new; NULL without memory. */
static struct list *list_of(struct q_synonyms *s, struct str word)
{
    const struct an_text *fold = &s->fold;
    char key[4 * WORD_MAX];
    size_t n = 0;
    if (an_fold_run(word, AN_VIEW_TEXT, &s->fold) != ST_OK)
        return NULL;
    for (size_t i = 0; i < fold->n; i++)
        n += utf8_put(fold->cp[i], key + n);
    uint64_t *number = map_slot(&s->number, str_from(key, n));
    if (!number)
        return NULL;
    if (*number == 0) {
        struct list *wider = array_room(s->list, s->n, &s->cap, sizeof(*wider));
        if (!wider)
            return NULL;
        s->list = wider;
        s->list[s->n++] = (struct list){0};
        *number = s->n;
    }
    s->longest = fold->n > s->longest ? fold->n : s->longest;
    s->begins[fold->cp[0] % FIRST_BITS / 64] |= UINT64_C(1) << fold->cp[0] % 64;
    return &s->list[*number - 1];
}

static bool add(struct q_synonyms *s, struct str word, struct str other)
{
    struct list *list = list_of(s, word);
    if (!list)
        return false;
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->at[i], other))
            return true;
    struct str *wider = array_room(list->at, list->n, &list->cap, sizeof(*wider));
    if (!wider)
        return false;
    list->at = wider;
    list->at[list->n] = arena_str(&s->a, other);
    return list->at[list->n++].p != NULL;
}

/* ---- the file ---- */

static struct str trim(struct str s)
{
    uint32_t cp;
    for (unsigned n; s.n && (n = utf8_next(s.p, s.p + s.n, &cp)) && utf8_is_space(cp);)
        s = str_from(s.p + n, s.n - n);
    for (size_t at; s.n; s.n = at) {
        at = utf8_floor(s.p, s.n, s.n - 1);
        if (!utf8_next(s.p + at, s.p + s.n, &cp) || !utf8_is_space(cp))
            break;
    }
    return s;
}

static bool is_comma(uint32_t cp)
{
    return cp == ',' || cp == U'，' || cp == U'、';
}

/* Cut a list of words; SIZE_MAX when there are too many, or one is empty. */
static size_t cut_words(struct str text, struct str *out)
{
    size_t n = 0;
    for (size_t from = 0, at = 0; at <= text.n;) {
        uint32_t cp = ',';
        unsigned step = at < text.n ? utf8_next(text.p + at, text.p + text.n, &cp) : 1;
        if (is_comma(cp)) {
            struct str word = trim(str_from(text.p + from, at - from));
            if (word.n == 0 || n == LINE_WORDS)
                return SIZE_MAX;
            out[n++] = word;
            from = at + step;
        }
        at += step ? step : 1;
    }
    return n;
}

/* The first word of a list stands for the others, or each for each. */
static bool add_all(struct q_synonyms *s, const struct str *word, size_t n, bool both_ways)
{
    for (size_t i = 0; i < (both_ways ? n : 1); i++)
        for (size_t k = 0; k < n; k++)
            if (k != i && !add(s, word[i], word[k]))
                return false;
    return true;
}

/* A word has some text, and not too much. */
static enum st check_words(struct q_synonyms *s, const struct str *word, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (an_fold_run(word[i], AN_VIEW_TEXT, &s->fold) != ST_OK)
            return err_nomem(err);
        if (s->fold.n == 0 || s->fold.n > WORD_MAX)
            return err_set(err, ST_CONFIG, "a word has 1 to %d characters: " STR_FMT, WORD_MAX,
                           STR_ARG(word[i]));
    }
    return ST_OK;
}

static enum st read_line(struct q_synonyms *s, struct str line, struct err *err)
{
    struct str word[LINE_WORDS + 1];
    const char *sign = memchr(line.p, '=', line.n);
    if (!sign)
        return err_set(err, ST_CONFIG, "expected WORD = WORD, … or WORD => WORD, …");
    size_t at = (size_t)(sign - line.p);
    bool one_way = at + 1 < line.n && sign[1] == '>';
    struct str rest = str_from(sign + 1 + one_way, line.n - at - 1 - one_way);
    word[0] = trim(str_from(line.p, at));
    size_t n = cut_words(rest, word + 1);
    if (word[0].n == 0 || n == SIZE_MAX)
        return err_set(err, ST_CONFIG, "a word is missing, or there are more than %d", LINE_WORDS);
    enum st st = check_words(s, word, n + 1, err);
    if (st != ST_OK)
        return st;
    return add_all(s, word, n + 1, !one_way) ? ST_OK : err_nomem(err);
}

/* A comment begins the line or stands behind white space: C# is a word. */
static struct str without_comment(struct str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] == '#' && (i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
            return str_from(line.p, i);
    return line;
}

static enum st read_file(struct q_synonyms *s, const char *path, struct str text, struct err *err)
{
    for (size_t line = 1; text.n > 0; line++) {
        struct str one = str_cut(&text, '\n');
        one = trim(without_comment(one));
        if (one.n == 0)
            continue;
        if (utf8_check(one.p, one.n) != one.n)
            return err_set(err, ST_CONFIG, "%s:%zu: not UTF-8", path, line);
        enum st st = read_line(s, one, err);
        if (st == ST_CONFIG)
            err_prefix(err, "%s:%zu", path, line);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

enum st q_synonyms_open(const char *path, struct q_synonyms **out, struct err *err)
{
    struct q_synonyms *s = calloc(1, sizeof(*s));
    struct buf text;
    if (!s)
        return err_nomem(err);
    arena_init(&s->a, SIZE_MAX);
    map_init(&s->number);
    an_text_init(&s->fold);
    buf_init(&text, FILE_BYTES);
    enum st st = file_read(path, &text, err);
    if (st == ST_OK)
        st = read_file(s, path, buf_str(&text), err);
    buf_fini(&text);
    if (st == ST_OK)
        *out = s;
    else
        q_synonyms_close(s);
    return st;
}

void q_synonyms_close(struct q_synonyms *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->list[i].at);
    free(s->list);
    an_text_fini(&s->fold);
    map_fini(&s->number);
    arena_fini(&s->a);
    free(s);
}

size_t q_synonyms_at(const struct q_synonyms *s, const struct an_text *fold, size_t at,
                     const bool *inside, const struct str **other, size_t *n)
{
    char text[4 * WORD_MAX];
    size_t end[WORD_MAX + 1] = {0}, most = fold->n - at;
    if (!(s->begins[fold->cp[at] % FIRST_BITS / 64] >> fold->cp[at] % 64 & 1))
        return 0;
    most = most < s->longest ? most : s->longest;
    for (size_t i = 0; i < most; i++)
        end[i + 1] = end[i] + utf8_put(fold->cp[at + i], text + end[i]);
    for (size_t len = most; len > 0; len--) {
        const uint64_t *number = NULL;
        if (!inside[fold->end[at + len - 1]])
            number = map_get(&s->number, str_from(text, end[len]));
        if (!number)
            continue;
        *other = s->list[*number - 1].at;
        *n = s->list[*number - 1].n;
        return len;
    }
    return 0;
}
