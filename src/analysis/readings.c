/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which parentheses hold a reading.
 *
 * A reading stands in parentheses of either width right behind a Han character and holds nothing
 * but one to seven Latin letters. It is believed when the letters, tone mark taken off, are a
 * Mandarin syllable, and either there is one tone mark, or the character before it can be read so:
 * 調(diào) and 關(guan) are readings, 他(he), 维生素(a) and 人(man) are words of their own. One or
 * two letters with a capital and no tone mark are an abbreviation: 锂(Li), 铋(Bi), 安(AN).
 *
 * A gloss of a whole word (重庆(chóngqìng), 老倒子(lǎo dǎo zi)) is text: it stands behind the word
 * and tears nothing apart.
 *
 * The table of syllables and readings comes from Unihan (kMandarin, kHanyuPinyin, kXHC1983,
 * kTGHZ2013).
 */

#include "readings.h"
#include "fold.h"
#include "pinyin.h"
#include "reading_table.h"
#include "scan.h"

#include <gongbao/analysis.h>

#define LETTERS_MAX 7
#define MARKS_MAX   3 /* behind one letter */

static unsigned char_at(struct str text, size_t at, uint32_t *cp)
{
    uint32_t entry;
    if (at >= text.n)
        return 0;
    return scan_char(text, at, cp, &entry);
}

struct syllable syllable_read(struct str text, size_t at)
{
    struct syllable s = {.n = 0};
    size_t from = at;
    unsigned marks = 0, n;
    uint32_t cp;
    while ((n = char_at(text, at, &cp)) != 0) {
        bool tone;
        char base = pinyin_letter(cp, &tone);
        enum pinyin_mark mark = base ? PINYIN_OTHER : pinyin_mark(cp);
        if (base && s.n < LETTERS_MAX) {
            s.letter[s.n++] = base;
            s.capital |= cp >= 'A' && cp <= 'Z';
            marks = 0;
        } else if (!base && mark != PINYIN_OTHER && s.n > 0 && marks < MARKS_MAX) {
            tone = mark == PINYIN_TONE;
            marks++;
        } else {
            break;
        }
        s.tones += tone;
        at += n;
    }
    s.bytes = at - from;
    return s;
}

int syllable_find(const char *letters)
{
    unsigned low = 0, high = reading_syllables;
    while (low < high) {
        unsigned mid = low + (high - low) / 2;
        int order = strcmp(reading_syllable[mid], letters);
        if (order == 0)
            return (int)mid;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}

/* Where its list begins in reading_set; 0: it has none. */
static unsigned list_of(uint32_t han)
{
    if (han >> READING_PAGE_BITS >= READING_PAGES)
        return 0;
    unsigned page = reading_index[han >> READING_PAGE_BITS];
    return reading_page[page][han & ((1u << READING_PAGE_BITS) - 1)];
}

bool has_reading(uint32_t han, int syllable)
{
    unsigned at = syllable < 0 ? 0 : list_of(han);
    if (at == 0)
        return false;
    for (;; at++) {
        if ((reading_set[at] & READING_NUMBER) == (unsigned)syllable)
            return true;
        if (reading_set[at] & READING_LAST)
            return false;
    }
}

static bool is_believed(const struct syllable *s, uint32_t han)
{
    int id = syllable_find(s->letter);
    if (id < 0 || s->tones > 0)
        return id >= 0;
    return !(s->capital && s->n < 3) && has_reading(han, id);
}

size_t reading_bare_length(struct str text, size_t at, uint32_t han)
{
    uint32_t cp;
    unsigned n = char_at(text, at, &cp);
    if (n == 0 || !is_opening(cp))
        return 0;
    struct syllable s = syllable_read(text, at + n);
    size_t end = at + n + s.bytes;
    n = char_at(text, end, &cp);
    if (n == 0 || !is_closing(cp) || s.n == 0 || s.tones > 1)
        return 0;
    return is_believed(&s, han) ? end + n - at : 0;
}

size_t reading_length(struct str text, size_t at, uint32_t han)
{
    size_t length = reading_bare_length(text, at, han);
    uint32_t cp, entry;
    if (length == 0)
        return 0;
    unsigned n = char_at(text, at + length, &cp);
    if (n == 0 || (cp != ' ' && cp != 0x3000) || at + length + n >= text.n)
        return length;
    scan_char(text, at + length + n, &cp, &entry);
    return entry_class(entry) == CLASS_HAN ? length + n : length;
}

size_t an_readings(uint32_t han, const char *out[AN_READINGS_MAX])
{
    size_t n = 0;
    unsigned at = list_of(han);
    while (at != 0 && n < AN_READINGS_MAX) {
        unsigned r = reading_set[at];
        if (n > 0 && (r & READING_OLD))
            break;
        out[n++] = reading_syllable[r & READING_NUMBER];
        at = r & READING_LAST ? 0 : at + 1;
    }
    return n;
}
