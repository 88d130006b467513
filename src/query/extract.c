/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Extracts: what is kept in memory of a document for looking into its text.
 *
 * To unpack a stored document takes five microseconds, to fold it twice as many more, and a phrase
 * of frequent characters may have to be looked for in half of all documents. In the folded text it
 * is found in a twentieth of a microsecond, eight characters at a time.
 *
 *     4 bytes   characters of the title
 *     4 bytes   those of the body
 *     4 bytes   those of the address
 *     2 bytes   1: there may be a reading in the text
 *     2 bytes   1: the body is there; 0: this is a brief one
 *     2 bytes   for each character of the title, as AN_VIEW_TEXT has it
 *     1 byte    for each of the address, and one more where that makes the number even
 *     2 bytes   for each character of the body
 *
 * in the order of this machine's bytes. Characters beyond U+FFFF, which are rare, all stand as
 * U+FFFE, which no text folds to; so they are looked for in the stored text alone. A reading may
 * make the other views differ from this one. Documents of more than Q_EXTRACT_MAX bytes have a
 * brief extract, without the body, and so have those for whose body there is no room; one whose
 * title and address alone are as long has none.
 */

#include "extract.h"

#include "lower.h"

struct head {
    uint32_t title, body, url;
    uint16_t readings, whole;
};

/* ---- making ---- */

/* Whether there is an opening parenthesis with something behind it that may be a Latin letter:
 * ASCII, or what is neither ASCII nor takes three bytes as Han and its marks do. */
static bool may_have_reading(struct str text)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        size_t n = text.p[i] == '(' ? 1 : 0;
        if (i + 3 < text.n && memcmp(text.p + i, "（", 3) == 0)
            n = 3;
        unsigned char next = n ? (unsigned char)text.p[i + n] : '0';
        bool letter = (next | 0x20) >= 'a' && (next | 0x20) <= 'z';
        if (letter || (next >= 0x80 && (next < 0xe3 || next > 0xe9)))
            return true;
    }
    return false;
}

static bool put(const struct an_text *text, struct buf *out)
{
    char *room = buf_room(out, text->n * sizeof(uint16_t));
    if (!room)
        return false;
    for (size_t i = 0; i < text->n; i++) {
        uint16_t cp = (uint16_t)(text->cp[i] <= UINT16_MAX ? text->cp[i] : Q_BEYOND);
        memcpy(room + i * sizeof(cp), &cp, sizeof(cp));
    }
    out->n += text->n * sizeof(uint16_t);
    return true;
}

/* Of what is not NULL the fold goes in. */
static enum st append(const struct ix_doc *doc, const struct an_text *title,
                      const struct an_text *body, struct buf *out)
{
    struct head head = {.title = (uint32_t)title->n,
                        .body = body ? (uint32_t)body->n : 0,
                        .url = (uint32_t)doc->url.n,
                        .readings = may_have_reading(doc->title) || may_have_reading(doc->body),
                        .whole = body != NULL};
    buf_add(out, &head, sizeof(head));
    bool good = put(title, out);
    buf_adds(out, doc->url);
    if (doc->url.n % 2)
        buf_addc(out, '\0');
    good = good && (!body || put(body, out));
    return good ? ST_OK : ST_NO_MEMORY;
}

enum st q_extract_brief(void *check, const struct ix_doc *doc, struct buf *out)
{
    if (doc->title.n + doc->url.n > Q_EXTRACT_MAX)
        return ST_OK;
    const struct an_text *title = q_check_fold(check, doc->title, AN_VIEW_TEXT, 0);
    return title ? append(doc, title, NULL, out) : ST_NO_MEMORY;
}

enum st q_extract(void *check, const struct ix_doc *doc, struct buf *out)
{
    if (doc->title.n + doc->body.n + doc->url.n > Q_EXTRACT_MAX)
        return q_extract_brief(check, doc, out);
    const struct an_text *title = q_check_fold(check, doc->title, AN_VIEW_TEXT, 0);
    const struct an_text *body = q_check_fold(check, doc->body, AN_VIEW_TEXT, 1);
    return title && body ? append(doc, title, body, out) : ST_NO_MEMORY;
}

void extract_read(struct str bytes, struct extract *out)
{
    struct head head;
    memcpy(&head, bytes.p, sizeof(head));
    const char *title = bytes.p + sizeof(head), *url = title + head.title * sizeof(uint16_t);
    const char *body = url + head.url + head.url % 2;
    out->title = (struct slim){(const uint16_t *)(const void *)title, head.title};
    out->body = (struct slim){(const uint16_t *)(const void *)body, head.body};
    out->url = str_from(url, head.url);
    out->readings = head.readings;
    out->whole = head.whole;
}

bool q_extract_read(struct str extract, struct q_extracted *out)
{
    struct extract e;
    extract_read(extract, &e);
    *out = (struct q_extracted){e.title.cp, e.body.cp, e.title.n, e.body.n};
    return e.whole;
}

/* ---- looking ---- */

bool slim_of(const struct an_text *run, struct arena *a, struct slim *out)
{
    uint16_t *cp = arena_alloc(a, run->n * sizeof(*cp));
    for (size_t i = 0; cp && i < run->n; i++) {
        if (run->cp[i] >= Q_BEYOND)
            return false;
        cp[i] = (uint16_t)run->cp[i];
    }
    *out = (struct slim){cp, run->n};
    return cp != NULL;
}

enum { LANES = 8 };
typedef uint16_t lanes __attribute__((vector_size(LANES * sizeof(uint16_t))));

static inline bool is_at(struct slim hay, struct slim needle, size_t at)
{
    return memcmp(hay.cp + at, needle.cp, needle.n * sizeof(*hay.cp)) == 0;
}

/* Whether the needle's first and last character stand in their places for any of LANES places. */
static bool any_ends(const uint16_t *hay, struct slim needle)
{
    lanes first, last;
    uint64_t both[sizeof(lanes) / sizeof(uint64_t)];
    memcpy(&first, hay, sizeof(first));
    memcpy(&last, hay + needle.n - 1, sizeof(last));
    lanes hit = (lanes)((first == needle.cp[0]) & (last == needle.cp[needle.n - 1]));
    memcpy(both, &hit, sizeof(both));
    return both[0] | both[1];
}

size_t slim_find(struct slim hay, struct slim needle, size_t from)
{
    if (needle.n == 0 || hay.n < needle.n)
        return SIZE_MAX;
    size_t places = hay.n - needle.n + 1, i = from;
    for (; i + LANES <= places; i += LANES) {
        if (!any_ends(hay.cp + i, needle))
            continue;
        for (size_t at = i; at < i + LANES; at++)
            if (hay.cp[at] == needle.cp[0] && is_at(hay, needle, at))
                return at;
    }
    for (; i < places; i++)
        if (is_at(hay, needle, i))
            return i;
    return SIZE_MAX;
}
