/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What looks damaged in a text.
 *
 * Scrapers and converters damage readings in a few ways, and each is told from ordinary text by
 * letters that are a Mandarin syllable, or the beginning of one, where they can be nothing else:
 *
 *     張?zhí)熘   the opening parenthesis became '?' (or U+FFFD, or nothing): a closing one behind
 *                 a syllable with a tone mark, or behind a reading of the character before the '?'
 *     結構(g      the closing one is missing: the letters begin a reading of the character, or
 *                 bear a tone mark
 *     調(diàg)    in parentheses, with a tone mark, but no syllable
 *
 * An entity of HTML is '&', a name or a number, ';'. One is a slip of whoever took the text from a
 * page, and is counted too.
 *
 * Nothing is mended: the text is indexed as it stands.
 *
 * Damaged readings begin right behind a Han character, and with none of the characters that mostly
 * stand there: other Han characters and their punctuation. Those are passed over by their bytes.
 */

#include "fold.h"
#include "reading_table.h"
#include "readings.h"
#include "scan.h"
#include <ctype.h>

/* The folded character at text[*at], which is moved behind it; 0 at the end. Brackets that are no
 * parentheses, though they fold to them, stay as they are. */
static uint32_t take(struct str text, size_t *at)
{
    uint32_t raw, entry;
    if (*at >= text.n)
        return 0;
    *at += scan_char(text, *at, &raw, &entry);
    uint32_t cp = entry_cp(entry, raw);
    return (cp == '(' || cp == ')') && !is_opening(raw) && !is_closing(raw) ? raw : cp;
}

/* Whether a reading of the character begins with these letters. */
static bool begins_reading(const char *letters, uint32_t han)
{
    const size_t n = strlen(letters);
    for (unsigned id = 0; id < reading_syllables; id++)
        if (strncmp(reading_syllable[id], letters, n) == 0 && has_reading(han, (int)id))
            return true;
    return false;
}

/* Whether a damaged reading follows the Han character that ends at text[at]. */
static bool is_damaged(struct str text, size_t at, uint32_t han)
{
    size_t p = at;
    uint32_t mark = take(text, &p);
    bool opened = mark == '(', guessed = mark == '?' || mark == FOLD_BAD;
    if (!opened && !guessed)
        p = at;
    struct syllable s = syllable_read(text, p);
    if (s.n == 0)
        return false;
    p += s.bytes;
    bool closed = take(text, &p) == ')';
    int id = syllable_find(s.letter);
    if (opened && closed)
        return s.tones > 0; /* a good one was taken before */
    if (opened)
        return s.tones > 0 || begins_reading(s.letter, han);
    return closed && id >= 0 && (s.tones > 0 || (guessed && has_reading(han, id)));
}

static bool is_entity(const char *p, const char *end)
{
    size_t n = 0;
    while (p < end && n < 8 && ((*p | 32) >= 'a' && (*p | 32) <= 'z')) {
        p++;
        n++;
    }
    if (n == 0 && p < end && *p == '#')
        for (p++; p < end && n < 8 && isxdigit((unsigned char)(*p == 'x' ? 'a' : *p)); n++)
            p++;
    return n > 1 && p < end && *p == ';';
}

/* Whether a well-formed character of three bytes stands here that begins no reading, whole or
 * damaged, and is not lost: U+4000 to U+9FFF, U+3000 to U+30FF, or one of ， ： and ； */
static bool is_plain(const unsigned char *p)
{
    if (p[0] >= 0xe4 && p[0] <= 0xe9)
        return (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80;
    if (p[0] == 0xe3)
        return p[1] >= 0x80 && p[1] <= 0x83 && (p[2] & 0xc0) == 0x80;
    return p[0] == 0xef && p[1] == 0xbc && (p[2] == 0x8c || p[2] == 0x9a || p[2] == 0x9b);
}

static uint64_t load8(const void *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof(w));
    return w;
}

/* Whether eight bytes of a row of three-byte characters may all be of U+4000 to U+9FFF. first is
 * ff where a character begins, and the rest is 0: such a byte is e4 to e9, the others 80 to bf. */
static bool is_row(const unsigned char *p, const char first[8])
{
    const uint64_t ones = UINT64_C(0x0101010101010101), begin = load8(first), w = load8(p);
    uint64_t shape =
        (w & ((begin & ones * 0x30) | ones * 0xc0)) ^ ((begin & ones * 0x60) | ones * 0x80);
    uint64_t low = w & begin & ones * 0x0f; /* of e4 to e9, at least 4 and at most 9 */
    uint64_t range = ~(low + ones * 12) | (low + ones * 6);
    return (shape | (range & begin & ones * 0x10)) == 0;
}

/* Whether the next twelve bytes are four characters of U+4000 to U+9FFF. */
static bool are_four_plain(const unsigned char *p)
{
    return is_row(p, "\xff\0\0\xff\0\0\xff") && is_row(p + 4, "\0\0\xff\0\0\xff\0");
}

/* From a character on, pass over those that are plain and followed by another one. */
static size_t pass_plain(struct str text, size_t at)
{
    const unsigned char *p = (const unsigned char *)text.p;
    for (size_t next = at; text.n - next >= 3 && is_plain(p + next); next += 3) {
        for (; text.n - next >= 15 && are_four_plain(p + next + 3); next += 12)
            continue;
        at = next;
    }
    return at;
}

/* Whether an ASCII character stands at text[at], or the end, with which no reading begins. */
static bool begins_nothing(struct str text, size_t at)
{
    if (at >= text.n)
        return true;
    unsigned char c = (unsigned char)text.p[at], letter = c | 32;
    return c < 0x80 && c != '(' && c != '?' && !(letter >= 'a' && letter <= 'z');
}

void an_count_damage(struct str text, struct an_quality *out)
{
    *out = (struct an_quality){0};
    for (size_t at = 0; at < text.n;) {
        uint32_t raw, entry;
        at = pass_plain(text, at);
        at += scan_char(text, at, &raw, &entry);
        out->invalid += raw == FOLD_BAD;
        out->entities += raw == '&' && is_entity(text.p + at, text.p + text.n);
        if (entry_class(entry) != CLASS_HAN || begins_nothing(text, at))
            continue;
        size_t reading = reading_length(text, at, raw);
        out->readings += reading > 0;
        out->damaged_readings += reading == 0 && is_damaged(text, at, raw);
        at += reading;
    }
}
