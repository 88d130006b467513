/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a document must be before it is taken, whatever the format it came in.
 *
 * The reason of a rejection names the field, so that whoever runs the job can put the source
 * right. NUL is refused in every field, because tools that show stored text stop at it; other
 * control characters are data, and are made harmless where they are shown. In an id they are
 * refused, because an id is typed and printed as it is.
 */
#include "document.h"

#include <gongbao/day.h>
#include <gongbao/sum.h>
#include <gongbao/utf8.h>

/* An occurrence in the title counts as many (rank.title): without a limit, the length of a document
 * could pass what the index counts. */
#define TITLE_BYTES ((size_t)1 << 20)

static bool has_nul(struct str s)
{
    return s.n > 0 && memchr(s.p, 0, s.n);
}

static enum st no_nul(const char *field, struct str s, struct err *err)
{
    if (has_nul(s))
        return err_set(err, ST_REJECTED, "\"%s\" contains a NUL character", field);
    return ST_OK;
}

static enum st check_list(const char *field, const struct str *item, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (item[i].n == 0)
            return err_set(err, ST_REJECTED, "\"%s\" contains an empty string", field);
        if (has_nul(item[i]))
            return no_nul(field, item[i], err);
    }
    return ST_OK;
}

static enum st check_id(struct str id, struct err *err)
{
    uint32_t c;
    if (id.n > IX_ID_MAX)
        return err_set(err, ST_REJECTED, "the id is over %d bytes", IX_ID_MAX);
    for (const char *p = id.p, *end = p + id.n; p < end;) {
        unsigned k = utf8_next(p, end, &c);
        if (k == 0)
            return err_at(err, ST_REJECTED, (size_t)(p - id.p), "the id is not UTF-8");
        if (utf8_is_control(c))
            return err_set(err, ST_REJECTED, "the id contains a control character");
        p += k;
    }
    return ST_OK;
}

static int digits(const char *p, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (p[i] - '0');
    return v;
}

bool doc_date_ok(struct str s)
{
    if (s.n != 10)
        return false;
    for (size_t i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? s.p[i] != '-' : s.p[i] < '0' || s.p[i] > '9')
            return false;
    return day_exists(digits(s.p, 4), digits(s.p + 5, 2), digits(s.p + 8, 2));
}

/* Whether a character shows nothing by itself: white space, controls, what Unicode says to ignore
 * where it is not known, and marks that are set upon another character. */
static bool shows_nothing(uint32_t c)
{
    static const uint32_t range[][2] = {
        {0xad, 0xad},     {0x300, 0x36f},   {0x115f, 0x1160}, {0x17b4, 0x17b5},
        {0x180b, 0x180f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
        {0x2060, 0x206f}, {0x20d0, 0x20ff}, {0x3164, 0x3164}, {0xfe00, 0xfe0f},
        {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < sizeof(range) / sizeof(range[0]); i++)
        if (c >= range[i][0] && c <= range[i][1])
            return true;
    return utf8_is_space(c) || utf8_is_control(c);
}

static bool is_blank(struct str s)
{
    while (s.n > 0) {
        uint32_t c;
        unsigned n = utf8_next(s.p, s.p + s.n, &c);
        if (n == 0 || !shows_nothing(c))
            return false;
        s = str_from(s.p + n, s.n - n);
    }
    return true;
}

enum st doc_check(const struct ix_doc *doc, uint64_t body_max, struct err *err)
{
    const struct {
        const char *field;
        struct str s;
    } text[] = {
        {"title", doc->title}, {"body", doc->body}, {"issuer", doc->issuer}, {"url", doc->url}};
    if (is_blank(doc->body))
        return err_set(err, ST_REJECTED, "no body");
    if (doc->body.n > body_max)
        return err_set(err, ST_REJECTED, "the body is over %ju bytes (ingest.body_max)",
                       (uintmax_t)body_max);
    if (doc->title.n > TITLE_BYTES)
        return err_set(err, ST_REJECTED, "the title is over %zu bytes", TITLE_BYTES);
    if (doc->date.n > 0 && !doc_date_ok(doc->date))
        return err_set(err, ST_REJECTED, "\"date\" is not a day written YYYY-MM-DD: " STR_FMT,
                       (int)(doc->date.n < 40 ? doc->date.n : 40), doc->date.p);
    enum st st = check_id(doc->id, err);
    for (size_t i = 0; i < sizeof(text) / sizeof(*text) && st == ST_OK; i++)
        st = no_nul(text[i].field, text[i].s, err);
    if (st == ST_OK)
        st = check_list("tags", doc->tags, doc->ntags, err);
    if (st == ST_OK)
        st = check_list("audience", doc->audience, doc->naudience, err);
    return st;
}

static const struct str end = {"", 1}; /* no field holds a NUL */

/* A sum of what was summed up before and one part more. */
static struct sum128 sum_more(struct sum128 before, struct str s)
{
    char hex[SUM_HEX];
    sum_hex(before, hex);
    const struct str part[] = {str_of(hex), end, s, end};
    return sum128_join(part, sizeof(part) / sizeof(*part));
}

/* An empty string, which is no item, tells where a list ends. */
static struct sum128 sum_list(struct sum128 sum, const struct str *item, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum = sum_more(sum, item[i]);
    return sum_more(sum, STR(""));
}

void doc_hash_id(const struct ix_doc *doc, char id[DOC_HASH_ID + 1])
{
    const struct str part[] = {doc->title,  end, doc->body, end, doc->date,  end,
                               doc->issuer, end, doc->url,  end, doc->extra, end};
    struct sum128 sum = sum128_join(part, sizeof(part) / sizeof(*part));
    sum = sum_list(sum, doc->tags, doc->ntags);
    sum = sum_list(sum, doc->audience, doc->naudience);
    id[0] = 'h';
    id[1] = '-';
    sum_hex(sum, id + 2);
}
