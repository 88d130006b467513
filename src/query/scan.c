/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a reader types, cut into tokens.
 *
 * Marks are operators only where a person would mean them so, for text that is pasted into a
 * search box brings marks of its own:
 *
 *     - a quote opens at the beginning of a part and needs a closing twin: 5"管 is text
 *     - brackets enclose a group when the one opens at the beginning of a part and its twin stands
 *       at an end: （一）公告, f(x) and :) are text
 *     - a minus stands before a letter, a quote or a group: -5, -3.5%, 2019-nCoV, a dash are text
 *     - a name of a field is followed by a colon and, without white space, by what is looked for
 *     - AND, OR and NOT are in capitals, of full width too
 *     - + and *, by habits from elsewhere, change nothing before a word, nor a second OR
 *     - characters that show nothing are none
 *
 * A part begins at the beginning of the text, behind white space and behind an operator. Which
 * brackets belong together is found in one pass before; the rest is one pass from left to right.
 * Last, operators that lack what they work on become runs. So the grammar over the tokens cannot
 * fail. Nothing is copied: tokens are slices of the query.
 *
 * Strictly, what would become text for one of these reasons is an error instead, and so are marks
 * in a run that have no meaning.
 */

#include "scan.h"
#include "marks.h"

#include <gongbao/utf8.h>

enum { NEAR_MAX = 1000000 };

struct scanner {
    struct str text;
    size_t at;
    bool begin;      /* a part may begin here */
    bool space;      /* white space was passed */
    bool named;      /* a field's name was just passed */
    uint32_t *close; /* by place of an opening bracket: of its twin; 0: it has none */
    bool *ends;      /* by place: this bracket closes a group */
    struct token *tok;
    size_t n, cap;
    const struct q_opts *opts;
    struct arena *a;
    struct err *err;
    enum st st;
};

/* ---- brackets ---- */

/* Whether a part may begin behind this character. */
static bool leads(uint32_t cp)
{
    return cp == 0 || utf8_is_space(cp) || mark_opens(cp) || mark_closes(cp) || mark_is_bar(cp) ||
           mark_is_minus(cp) || mark_narrow(cp) == ':' || mark_is_unseen(cp);
}

/* Whether a group may end before this character. */
static bool follows(uint32_t cp)
{
    return cp == 0 || utf8_is_space(cp) || mark_opens(cp) || mark_closes(cp) || mark_is_bar(cp);
}

/* Fill close: each bracket takes the last open one. */
static bool pair_brackets(struct scanner *s)
{
    size_t n, depth = 0;
    uint32_t before = 0;
    uint32_t *open = arena_calloc(s->a, s->text.n + 1, sizeof(*open));
    bool *leading = arena_calloc(s->a, s->text.n + 1, sizeof(*leading));
    s->close = arena_calloc(s->a, s->text.n + 1, sizeof(*s->close));
    s->ends = arena_calloc(s->a, s->text.n + 1, sizeof(*s->ends));
    if (!open || !leading || !s->close || !s->ends)
        return false;
    for (size_t at = 0; at < s->text.n; at += n) {
        const struct quotes *q;
        uint32_t cp = mark_at(s->text, at, &n);
        size_t close = leads(before) ? mark_quote_close(s->text, at, &q) : 0;
        if (close) {
            n = close + q->close.n - at;
        } else if (mark_opens(cp)) {
            leading[depth] = leads(before);
            open[depth++] = (uint32_t)at;
        } else if (mark_closes(cp) && depth > 0) {
            size_t next;
            depth--;
            if (leading[depth] && follows(mark_at(s->text, at + n, &next)))
                s->close[open[depth]] = (uint32_t)at;
        }
        before = cp;
    }
    return true;
}

/* ---- tokens ---- */

static enum st wrong(struct scanner *s, size_t at, const char *what)
{
    if (s->opts->strict && s->st == ST_OK)
        s->st = err_at(s->err, ST_SYNTAX, at, "%s", what);
    return s->st;
}

static void push(struct scanner *s, struct token tok)
{
    struct token *list = arena_room(s->a, s->tok, s->n, &s->cap, sizeof(*list));
    if (!list) {
        s->st = err_nomem(s->err);
        return;
    }
    s->tok = list;
    tok.glued = !s->space;
    s->tok[s->n++] = tok;
    s->at = tok.end;
    s->space = false;
    s->named = tok.kind == TOK_FIELD;
    s->begin = tok.kind >= TOK_OPEN;
}

/* A token without text that ends so many bytes on. */
static void push_mark(struct scanner *s, enum token_kind kind, size_t n)
{
    push(s, (struct token){.kind = kind, .at = s->at, .end = s->at + n});
}

/* OR or AND. A second one behind the first is passed over. */
static void push_operator(struct scanner *s, struct token tok)
{
    if (s->n < 2 || s->tok[s->n - 1].kind != tok.kind) {
        push(s, tok);
        return;
    }
    wrong(s, tok.at, "this operator has nothing on one of its sides");
    s->at = tok.end;
    s->begin = true;
}

/* One of the names at a place, and how long it is with its colon; 0 for none. */
static size_t field_at(struct str run, enum q_field *out)
{
    static const struct {
        struct str name;
        enum q_field field;
    } names[] = {
        {{"title", 5}, Q_TITLE},   {{"标题", 6}, Q_TITLE},       {{"標題", 6}, Q_TITLE},
        {{"issuer", 6}, Q_ISSUER}, {{"发布单位", 12}, Q_ISSUER}, {{"發布單位", 12}, Q_ISSUER},
        {{"tag", 3}, Q_TAG},       {{"标签", 6}, Q_TAG},         {{"標籤", 6}, Q_TAG},
        {{"url", 3}, Q_URL},       {{"网址", 6}, Q_URL},         {{"網址", 6}, Q_URL},
        {{"id", 2}, Q_ID},         {{"编号", 6}, Q_ID},          {{"編號", 6}, Q_ID},
        {{"date", 4}, Q_DATES},    {{"日期", 6}, Q_DATES},       {{"who", 3}, Q_WHO},
        {{"人名", 6}, Q_WHO},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t n = mark_begins_word(run, names[i].name, true), colon;
        if (n == 0 || mark_narrow(mark_at(run, n, &colon)) != ':')
            continue;
        *out = names[i].field;
        return n + colon;
    }
    return 0;
}

/* Whether something to look for stands at a place. */
static bool is_filled(struct str text, size_t at)
{
    return at < text.n && !mark_space_at(text, at);
}

static bool scan_field(struct scanner *s)
{
    struct token tok = {.kind = TOK_FIELD, .at = s->at};
    size_t n = field_at(mark_behind(s->text, s->at), &tok.field);
    if (n == 0 || !is_filled(s->text, s->at + n))
        return false;
    tok.end = s->at + n;
    push(s, tok);
    return true;
}

/* A quoted run; one of nothing but white space asks for nothing. */
static bool scan_quoted(struct scanner *s)
{
    const struct quotes *q;
    size_t close = mark_quote_close(s->text, s->at, &q), from = q ? s->at + q->open.n : 0;
    if (!q)
        return false;
    if (close == 0) {
        wrong(s, s->at, "this quote is not closed");
        return false;
    }
    struct token tok = {.kind = TOK_EXACT, .at = s->at, .end = close + q->close.n};
    tok.text = str_from(s->text.p + from, close - from);
    if (mark_is_blank(tok.text)) {
        s->at = tok.end;
        s->begin = s->named = false;
    } else {
        push(s, tok);
    }
    return true;
}

static bool scan_minus(struct scanner *s, size_t n)
{
    const struct quotes *q;
    size_t at = s->at + n, next;
    uint32_t cp = mark_at(s->text, at, &next);
    bool meant = mark_is_letter(cp) || mark_quote_close(s->text, at, &q) > 0 ||
                 (mark_opens(cp) && s->close[at] > 0);
    if (s->named || !meant)
        return false;
    push_mark(s, TOK_NOT, n);
    return true;
}

/* A habit from elsewhere that changes nothing here: +环境, *环境*. */
static bool scan_habit(struct scanner *s, uint32_t cp, size_t n)
{
    const struct quotes *q;
    size_t at = s->at + n, next;
    uint32_t behind_it = mark_at(s->text, at, &next);
    bool plus = mark_narrow(cp) == '+' &&
                (mark_is_letter(behind_it) || mark_quote_close(s->text, at, &q) > 0);
    if (!plus && !(mark_is_star(cp) && (mark_is_letter(behind_it) || mark_is_digit(behind_it))))
        return false;
    wrong(s, s->at, "this mark means nothing here: put quotes around what is text");
    s->at = at;
    return true;
}

/* What can stand only where a part begins. */
static bool scan_begin(struct scanner *s)
{
    size_t n;
    uint32_t cp = mark_at(s->text, s->at, &n);
    if (mark_opens(cp) && s->close[s->at] > 0) {
        s->ends[s->close[s->at]] = true;
        push_mark(s, TOK_OPEN, n);
        return true;
    }
    if (mark_is_unseen(cp)) {
        s->at += n;
        return true;
    }
    if (mark_is_minus(cp))
        return scan_minus(s, n);
    return scan_habit(s, cp, n) || scan_quoted(s) || scan_field(s);
}

/* ~5: within five characters. As much as NEAR_MAX is anywhere. */
static bool read_near(struct str word, uint32_t *distance)
{
    size_t n, at;
    if (mark_narrow(mark_at(word, 0, &at)) != '~' || at == word.n)
        return false;
    *distance = 0;
    for (; at < word.n; at += n) {
        uint32_t cp = mark_at(word, at, &n);
        if (!mark_is_digit(cp))
            return false;
        *distance = *distance * 10 + mark_narrow(cp) - '0';
        *distance = *distance < NEAR_MAX ? *distance : NEAR_MAX;
    }
    return true;
}

/* The length of a run that ends with stars and has none before them, without them; 0 for another.
 */
static size_t prefix_length(struct str word)
{
    uint32_t cp, before = 0;
    size_t n, end = 0;
    for (size_t at = 0; at < word.n; at += n) {
        cp = mark_at(word, at, &n);
        if (mark_is_star(before) && !mark_is_star(cp))
            return 0;
        if (mark_is_star(cp) && end == 0 && !mark_is_letter(before) && !mark_is_digit(before))
            return 0;
        end = mark_is_star(cp) && end == 0 ? at : end;
        before = cp;
    }
    return end;
}

/* Marks that mean nothing in a run, for whoever asked to be told. */
static void look_for_marks(struct scanner *s, const struct token *tok)
{
    static const char meaningless[] = "#&^\\{}<>=!$;~*?`\"";
    size_t n, depth = 0, open = 0;
    if (!s->opts->strict)
        return;
    for (size_t at = tok->at; at < tok->end; at += n) {
        uint32_t cp = mark_at(s->text, at, &n);
        open = mark_opens(cp) && depth == 0 ? at : open;
        depth += mark_opens(cp);
        if ((cp < 0x80 && cp && strchr(meaningless, (int)cp)) || (mark_closes(cp) && depth == 0))
            wrong(s, at, "this mark means nothing here: put quotes around what is text");
        depth -= mark_closes(cp) && depth > 0;
    }
    if (depth > 0)
        wrong(s, open, "this bracket is not closed");
}

/* A name of letters and a colon that is no field's, http: too, or a field's with nothing behind. */
static void look_for_name(struct scanner *s, const struct token *tok)
{
    enum q_field field;
    size_t i = 0;
    if (s->begin && !s->named && field_at(tok->text, &field) > 0)
        wrong(s, tok->at, "nothing is looked for in this field");
    while (i < tok->text.n && ((tok->text.p[i] | 32) >= 'a' && (tok->text.p[i] | 32) <= 'z'))
        i++;
    if (i > 0 && i < tok->text.n && tok->text.p[i] == ':')
        wrong(s, tok->at, "there is no such field, or nothing is looked for in it");
}

static enum token_kind word_kind(struct scanner *s, struct token *tok)
{
    size_t prefix = prefix_length(tok->text);
    if (!s->begin)
        return TOK_RUN;
    if (prefix > 0) {
        tok->text.n = prefix;
        return TOK_PREFIX;
    }
    if (s->named)
        return TOK_RUN;
    if (mark_is_word(tok->text, STR("AND")))
        return TOK_AND;
    if (mark_is_word(tok->text, STR("OR")))
        return TOK_OR;
    if (mark_is_word(tok->text, STR("NOT")))
        return TOK_NOT;
    return read_near(tok->text, &tok->distance) ? TOK_NEAR : TOK_RUN;
}

/* Everything up to white space, the end of a group, or a bar. */
static void scan_word(struct scanner *s)
{
    struct token tok = {.at = s->at, .end = s->at};
    size_t n;
    while (is_filled(s->text, tok.end)) {
        uint32_t cp = mark_at(s->text, tok.end, &n);
        if (s->ends[tok.end] || mark_is_bar(cp))
            break;
        tok.end += n;
    }
    tok.text = str_from(s->text.p + tok.at, tok.end - tok.at);
    tok.kind = word_kind(s, &tok);
    if (tok.kind == TOK_RUN) {
        look_for_marks(s, &tok);
        look_for_name(s, &tok);
    }
    if (tok.kind == TOK_OR || tok.kind == TOK_AND)
        push_operator(s, tok);
    else
        push(s, tok);
}

static void scan_one(struct scanner *s)
{
    size_t n, more;
    uint32_t cp = mark_at(s->text, s->at, &n);
    if (utf8_is_space(cp)) {
        s->at += n;
        s->begin = s->space = true;
        s->named = false;
    } else if (mark_is_bar(cp)) {
        if (mark_is_bar(mark_at(s->text, s->at + n, &more)))
            n += more;
        push_operator(s, (struct token){.kind = TOK_OR, .at = s->at, .end = s->at + n});
    } else if (s->ends[s->at]) {
        push_mark(s, TOK_CLOSE, n);
    } else if (!s->begin || !scan_begin(s)) {
        scan_word(s);
    }
}

/* ---- operators without what they work on ---- */

static bool ends_operand(enum token_kind kind)
{
    return kind == TOK_RUN || kind == TOK_EXACT || kind == TOK_PREFIX || kind == TOK_CLOSE;
}

static bool begins_prim(enum token_kind kind)
{
    return kind == TOK_RUN || kind == TOK_EXACT || kind == TOK_PREFIX || kind == TOK_OPEN ||
           kind == TOK_FIELD;
}

static bool is_leaf(enum token_kind kind)
{
    return kind == TOK_RUN || kind == TOK_EXACT || kind == TOK_PREFIX;
}

/* What is wrong with a token between two others, or NULL. */
static const char *misplaced(const struct token *tok, enum token_kind before)
{
    const struct token *next = tok + 1;
    switch (tok->kind) {
    case TOK_OR:
    case TOK_AND:
        return ends_operand(before) && (begins_prim(next->kind) || next->kind == TOK_NOT)
                   ? NULL
                   : "this operator has nothing on one of its sides";
    case TOK_NOT:
        return begins_prim(next->kind) ? NULL : "there is nothing for this to leave out";
    case TOK_FIELD:
        return begins_prim(next->kind) && next->glued ? NULL
                                                      : "nothing is looked for in this field";
    case TOK_NEAR:
        return is_leaf(before) && is_leaf(next->kind) ? NULL : "this needs a run on either side";
    case TOK_OPEN:
        return next->kind != TOK_CLOSE && next->kind != TOK_END
                   ? NULL
                   : "there is nothing in these brackets";
    default:
        return NULL;
    }
}

static void become_run(struct scanner *s, struct token *tok)
{
    tok->kind = TOK_RUN;
    tok->text = str_from(s->text.p + tok->at, tok->end - tok->at);
}

static void tidy(struct scanner *s)
{
    for (size_t i = 0; i + 1 < s->n; i++) {
        const char *what = misplaced(&s->tok[i], i ? s->tok[i - 1].kind : TOK_END);
        if (!what)
            continue;
        wrong(s, s->tok[i].at, what);
        if (s->tok[i].kind == TOK_OPEN && s->tok[i + 1].kind == TOK_CLOSE)
            become_run(s, &s->tok[i + 1]);
        become_run(s, &s->tok[i]);
    }
}

enum st q_scan(struct str text, const struct q_opts *opts, struct arena *a, struct token **out,
               struct err *err)
{
    struct scanner s = {.text = text, .begin = true, .opts = opts, .a = a, .err = err};
    if (!pair_brackets(&s))
        return err_nomem(err);
    while (s.at < text.n && s.st == ST_OK)
        scan_one(&s);
    if (s.st == ST_OK)
        push_mark(&s, TOK_END, 0);
    if (s.st == ST_OK)
        tidy(&s);
    *out = s.tok;
    return s.st;
}
