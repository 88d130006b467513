/* SPDX-License-Identifier: GPL-2.0-or-later */

/* JSON, read strictly and written harmlessly.
 *
 * Reading is recursive descent over a text that is valid UTF-8 as a whole, so that the
 * scan of a string only has to look for the quote, the backslash and control characters; it does
 * so eight bytes at a time. A string without a backslash becomes a slice of the input. One with a
 * backslash is unescaped into the arena, where it never takes more room than in the input: the
 * first such string gets room there for all of the input that is left, and later ones go on in it.
 *
 * Members of an object stay in a list. A repeated key is looked for along the list while the
 * object is small, and in a hash map from the seventeenth member on, so that no object takes
 * quadratic time. Depth is bounded, and so is the C stack.
 *
 *     value  = "null" | "true" | "false" | number | string | array | object
 *     array  = "[" [ value *( "," value ) ] "]"
 *     object = "{" [ string ":" value *( "," string ":" value ) ] "}"
 *
 * Errors carry the offset of the first byte that cannot be part of the value.
 */

#include <gongbao/json.h>
#include <gongbao/map.h>
#include <gongbao/utf8.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct parser {
    const char *start, *at, *end;
    unsigned depth;
    char *room; /* for unescaped text; NULL until there is some */
    struct arena *arena;
    struct err *err;
};

static enum st parse_value(struct parser *ps, struct json *out);

static enum st fail(struct parser *ps, const char *at, const char *what)
{
    if (at >= ps->end)
        return err_at(ps->err, ST_REJECTED, (size_t)(ps->end - ps->start),
                      "not JSON: it ends too early: %s", what);
    return err_at(ps->err, ST_REJECTED, (size_t)(at - ps->start), "not JSON: %s", what);
}

static void skip_space(struct parser *ps)
{
    while (ps->at < ps->end &&
           (*ps->at == ' ' || *ps->at == '\n' || *ps->at == '\t' || *ps->at == '\r'))
        ps->at++;
}

/* The next byte, or 0, which begins nothing in JSON. */
static char peek(const struct parser *ps)
{
    return ps->at < ps->end ? *ps->at : '\0';
}

static bool take(struct parser *ps, char c)
{
    if (peek(ps) != c)
        return false;
    ps->at++;
    return true;
}

/* The top bit of each byte of w that is a control character, a quote or a backslash; bytes after
 * the first such one may be marked wrongly. */
static uint64_t special_bytes(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t quote = w ^ (ones * '"'), backslash = w ^ (ones * '\\');
    return ((w - ones * 0x20) | (quote - ones) | (backslash - ones)) & ~w & tops;
}

/* The first quote, backslash or control character at or after p, or end. */
static const char *find_special(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t w;
        memcpy(&w, p, sizeof(w));
        if (special_bytes(w))
            break; /* the loop below finds which, in any byte order */
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
        p++;
    return p;
}

static bool read_hex4(const char *p, const char *end, uint32_t *out)
{
    uint32_t v = 0;
    if (end - p < 4)
        return false;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t c = (unsigned char)p[i], letter = c | 0x20;
        if (c >= '0' && c <= '9')
            v = v << 4 | (c - '0');
        else if (letter >= 'a' && letter <= 'f')
            v = v << 4 | (letter - 'a' + 10);
        else
            return false;
    }
    *out = v;
    return true;
}

/* What follows "\u" at ps->at: one character, of one escape or of a pair of surrogates. */
static enum st parse_unicode(struct parser *ps, uint32_t *cp)
{
    const char *escape = ps->at - 2;
    uint32_t low;
    if (!read_hex4(ps->at, ps->end, cp))
        return fail(ps, escape, "\\u takes four hexadecimal digits");
    ps->at += 4;
    if (*cp < 0xd800 || *cp > 0xdfff)
        return ST_OK;
    if (*cp > 0xdbff || ps->end - ps->at < 6 || ps->at[0] != '\\' || ps->at[1] != 'u' ||
        !read_hex4(ps->at + 2, ps->end, &low) || low < 0xdc00 || low > 0xdfff)
        return fail(ps, escape, "half of a surrogate pair");
    ps->at += 6;
    *cp = 0x10000 + ((*cp - 0xd800) << 10) + (low - 0xdc00);
    return ST_OK;
}

/* What follows a backslash at ps->at; the character goes to *to, which is moved on. */
static enum st parse_escape(struct parser *ps, char **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char c = peek(ps);
    const char *which = c ? strchr(from, c) : NULL;
    if (which) {
        *(*to)++ = into[which - from];
        ps->at++;
        return ST_OK;
    }
    if (!take(ps, 'u'))
        return fail(ps, ps->at, "an unknown escape in a string");
    uint32_t cp = 0;
    enum st st = parse_unicode(ps, &cp);
    if (st == ST_OK)
        *to += utf8_put(cp, *to);
    return st;
}

/* The rest of a string whose first backslash is at ps->at. */
static enum st parse_escaped(struct parser *ps, const char *begin, struct str *out)
{
    if (!ps->room)
        ps->room = arena_alloc(ps->arena, (size_t)(ps->end - begin));
    if (!ps->room)
        return err_nomem(ps->err);
    char *to = ps->room;
    const char *plain = begin;
    for (;;) {
        size_t n = (size_t)(ps->at - plain);
        memcpy(to, plain, n);
        to += n;
        if (!take(ps, '\\'))
            break;
        enum st st = parse_escape(ps, &to);
        if (st != ST_OK)
            return st;
        plain = ps->at;
        ps->at = find_special(ps->at, ps->end);
    }
    *out = str_from(ps->room, (size_t)(to - ps->room));
    ps->room = to;
    return ST_OK;
}

static enum st parse_string(struct parser *ps, struct str *out)
{
    if (!take(ps, '"'))
        return fail(ps, ps->at, "expected a string");
    const char *begin = ps->at;
    ps->at = find_special(begin, ps->end);
    *out = str_from(begin, (size_t)(ps->at - begin));
    enum st st = peek(ps) == '\\' ? parse_escaped(ps, begin, out) : ST_OK;
    if (st != ST_OK || take(ps, '"'))
        return st;
    return fail(ps, ps->at,
                ps->at < ps->end ? "a control character in a string" : "a string has no end");
}

static bool skip_digits(struct parser *ps)
{
    const char *begin = ps->at;
    while (peek(ps) >= '0' && peek(ps) <= '9')
        ps->at++;
    return ps->at > begin;
}

static enum st parse_number(struct parser *ps, struct json *out)
{
    const char *begin = ps->at;
    bool minus = take(ps, '-');
    if (!take(ps, '0') && !skip_digits(ps))
        return fail(ps, ps->at, minus ? "expected a digit" : "expected a value");
    if (take(ps, '.') && !skip_digits(ps))
        return fail(ps, ps->at, "expected a digit after the point");
    if (take(ps, 'e') || take(ps, 'E')) {
        if (!take(ps, '+'))
            take(ps, '-');
        if (!skip_digits(ps))
            return fail(ps, ps->at, "expected a digit in the exponent");
    }
    out->type = JSON_NUMBER;
    out->text = str_from(begin, (size_t)(ps->at - begin));
    return ST_OK;
}

static enum st parse_word(struct parser *ps, struct str word, enum json_type type, struct json *out)
{
    if (!str_starts(str_from(ps->at, (size_t)(ps->end - ps->at)), word))
        return fail(ps, ps->at, "expected a value");
    ps->at += word.n;
    out->type = type;
    return ST_OK;
}

/* A new node at the end of a list whose last link is *link. */
static struct json *append(struct parser *ps, const struct json ***link)
{
    struct json *node = arena_calloc(ps->arena, 1, sizeof(*node));
    if (!node) {
        err_nomem(ps->err);
        return NULL;
    }
    **link = node;
    *link = &node->next;
    return node;
}

static enum st enter(struct parser *ps)
{
    if (ps->depth == JSON_MAX_DEPTH)
        return fail(ps, ps->at, "nested too deeply");
    ps->depth++;
    ps->at++; /* the bracket */
    skip_space(ps);
    return ST_OK;
}

static enum st parse_array(struct parser *ps, struct json *out)
{
    const struct json **link = &out->child;
    enum st st = enter(ps);
    out->type = JSON_ARRAY;
    bool more = st == ST_OK && !take(ps, ']');
    while (more) {
        struct json *element = append(ps, &link);
        st = element ? parse_value(ps, element) : ST_NO_MEMORY;
        if (st != ST_OK)
            break;
        skip_space(ps);
        more = take(ps, ',');
        if (more)
            skip_space(ps);
        else if (!take(ps, ']'))
            st = fail(ps, ps->at, "expected ',' or ']' after an element");
    }
    ps->depth--;
    return st;
}

/* The keys of one object so far. */
struct keys {
    size_t n;
    struct map map; /* used from the MANYth key on */
};

enum { MANY = 16 };

/* Take note of key; false when it is not new. On a lack of memory *st says so. */
static bool is_new_key(struct keys *keys, const struct json *object, struct str key, enum st *st)
{
    if (keys->n++ < MANY)
        return json_get(object, key) == NULL;
    for (const struct json *m = keys->map.n ? NULL : object->child; m; m = m->next) {
        uint64_t *seen = map_slot(&keys->map, m->key);
        if (!seen)
            *st = ST_NO_MEMORY;
        else
            *seen = 1;
    }
    uint64_t *seen = map_slot(&keys->map, key);
    if (!seen)
        *st = ST_NO_MEMORY;
    return !seen || (*seen)++ == 0;
}

/* string ":" value, as the new last member of object. */
static enum st parse_member(struct parser *ps, struct json *object, struct keys *keys,
                            const struct json ***link)
{
    const char *begin = ps->at;
    struct str key = {NULL, 0};
    enum st st = parse_string(ps, &key);
    if (st != ST_OK)
        return st;
    if (!is_new_key(keys, object, key, &st))
        return fail(ps, begin, "the same key twice in one object");
    if (st != ST_OK)
        return err_nomem(ps->err);
    skip_space(ps);
    if (!take(ps, ':'))
        return fail(ps, ps->at, "expected ':' after a key");
    skip_space(ps);
    struct json *member = append(ps, link);
    if (!member)
        return ST_NO_MEMORY;
    member->key = key;
    return parse_value(ps, member);
}

static enum st parse_object(struct parser *ps, struct json *out)
{
    const struct json **link = &out->child;
    struct keys keys = {0};
    map_init(&keys.map);
    enum st st = enter(ps);
    out->type = JSON_OBJECT;
    bool more = st == ST_OK && !take(ps, '}');
    while (more) {
        st = parse_member(ps, out, &keys, &link);
        if (st != ST_OK)
            break;
        skip_space(ps);
        more = take(ps, ',');
        if (more)
            skip_space(ps);
        else if (!take(ps, '}'))
            st = fail(ps, ps->at, "expected ',' or '}' after a member");
    }
    map_fini(&keys.map);
    ps->depth--;
    return st;
}

static enum st parse_bare(struct parser *ps, struct json *out)
{
    switch (peek(ps)) {
    case '{':
        return parse_object(ps, out);
    case '[':
        return parse_array(ps, out);
    case '"':
        out->type = JSON_STRING;
        return parse_string(ps, &out->text);
    case 'n':
        return parse_word(ps, STR("null"), JSON_NULL, out);
    case 't':
        return parse_word(ps, STR("true"), JSON_TRUE, out);
    case 'f':
        return parse_word(ps, STR("false"), JSON_FALSE, out);
    default:
        return parse_number(ps, out);
    }
}

static enum st parse_value(struct parser *ps, struct json *out)
{
    const char *begin = ps->at;
    enum st st = parse_bare(ps, out);
    out->raw = str_from(begin, (size_t)(ps->at - begin));
    return st;
}

enum st json_parse(struct str text, struct arena *a, const struct json **out, struct err *err)
{
    size_t valid = utf8_check(text.p, text.n);
    if (valid < text.n)
        return err_at(err, ST_REJECTED, valid, "not JSON: broken UTF-8");
    return json_parse_valid(text, a, out, err);
}

enum st json_parse_valid(struct str text, struct arena *a, const struct json **out, struct err *err)
{
    struct parser ps = {
        .start = text.p, .at = text.p, .end = text.p + text.n, .arena = a, .err = err};
    struct json *root = arena_calloc(a, 1, sizeof(*root));
    if (!root)
        return err_nomem(err);
    skip_space(&ps);
    enum st st = parse_value(&ps, root);
    if (st != ST_OK)
        return st;
    skip_space(&ps);
    if (ps.at < ps.end)
        return fail(&ps, ps.at, "something follows the value");
    *out = root;
    return ST_OK;
}

const struct json *json_get(const struct json *object, struct str key)
{
    for (const struct json *m = object->child; m; m = m->next)
        if (str_eq(m->key, key))
            return m;
    return NULL;
}

/* Append one character that cannot stand as it is in a string. */
static void add_escape(struct buf *b, uint32_t cp)
{
    static const char from[] = "\"\\\b\f\n\r\t", into[] = "\"\\bfnrt";
    const char *which = cp && cp < 0x80 ? strchr(from, (int)cp) : NULL;
    if (which)
        buf_add(b, (const char[]){'\\', into[which - from]}, 2);
    else
        buf_addf(b, "\\u%04x", (unsigned)cp);
}

void json_add_str(struct buf *b, struct str s)
{
    const char *at = s.p, *end = s.p + s.n;
    const char *plain = at; /* from here to at: nothing to escape */
    buf_addc(b, '"');
    while (at < end) {
        uint32_t cp = 0xfffd;
        unsigned len = utf8_next(at, end, &cp);
        if (len && cp != '"' && cp != '\\' && !utf8_is_control(cp)) {
            at += len;
            continue;
        }
        buf_add(b, plain, (size_t)(at - plain));
        add_escape(b, cp);
        at += len ? len : 1;
        plain = at;
    }
    buf_add(b, plain, (size_t)(at - plain));
    buf_addc(b, '"');
}

void json_add_key(struct buf *b, const char *key)
{
    if (b->n && b->p[b->n - 1] != '{' && b->p[b->n - 1] != '[')
        buf_addc(b, ',');
    json_add_str(b, str_of(key));
    buf_addc(b, ':');
}

void json_add_text(struct buf *b, const char *key, struct str text)
{
    json_add_key(b, key);
    json_add_str(b, text);
}

void json_add_count(struct buf *b, const char *key, uint64_t n)
{
    json_add_key(b, key);
    buf_addu(b, n);
}

static void add_zeros(struct buf *b, int n)
{
    for (int i = 0; i < n; i++)
        buf_addc(b, '0');
}

/* The digits come from the C library, rounded; only the point is put here. */
void json_add_real(struct buf *b, double v)
{
    enum { DIGITS = 6 };
    char text[32], digit[DIGITS];
    if (!isfinite(v))
        v = 0;
    snprintf(text, sizeof(text), "%.*e", DIGITS - 1, fabs(v)); /* d.ddddde+xx */
    const int exponent = atoi(text + DIGITS + 2);
    int n = DIGITS;
    digit[0] = text[0];
    memcpy(digit + 1, text + 2, DIGITS - 1);
    while (n > 1 && digit[n - 1] == '0')
        n--;
    const int whole = exponent < 0 ? 0 : exponent + 1; /* digits before the point */
    if (v < 0)
        buf_addc(b, '-');
    add_zeros(b, whole == 0);
    buf_add(b, digit, (size_t)(n < whole ? n : whole));
    add_zeros(b, whole - n);
    if (n <= whole)
        return;
    buf_addc(b, '.');
    add_zeros(b, whole == 0 ? -exponent - 1 : 0);
    buf_add(b, digit + whole, (size_t)(n - whole));
}
