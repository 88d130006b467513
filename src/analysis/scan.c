/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The one pass over the bytes: decode, fold, and decide what stays.
 *
 * What happens to a character depends on its entry in the fold table and on its nearest
 * neighbours only: a connector looks at the last character kept and the next one to come, a
 * parenthesis at the Han character before it and at most eight letters after it. A piece cut out
 * of a text is therefore read as it is in the text, but for the connectors at its ends and for a
 * reading that the cut goes through. The views differ in what they leave out, never in how a
 * character is folded.
 */

#include "scan.h"
#include "readings.h"

void scan_init(struct scan *s, struct str text, enum an_view view)
{
    *s = (struct scan){.text = text, .view = view};
}

static void push(struct items *it, uint32_t cp, size_t start, size_t end, enum item_kind kind)
{
    size_t i = it->n++;
    it->cp[i] = cp;
    it->start[i] = (uint32_t)start;
    it->end[i] = (uint32_t)end;
    if (it->kind)
        it->kind[i] = (uint8_t)kind;
}

static void note(struct items *it, size_t at, enum mark_kind kind)
{
    if (it->nmarks < it->mark_cap)
        it->mark[it->nmarks++] = (struct mark){(uint32_t)at, (uint8_t)kind};
}

/* An item of text that is not Han comes; most often. */
static void note_other(struct items *it)
{
    if (it->other &&
        (it->n == 0 || it->kind[it->n - 1] == ITEM_HAN || !item_is_text(it->kind[it->n - 1])))
        it->other[it->nothers++] = (uint32_t)it->n;
}

/* Something is dropped behind the items there are. */
static void note_gap(struct items *it)
{
    if (it->gap && (it->ngaps == 0 || it->gap[it->ngaps - 1] != it->n))
        it->gap[it->ngaps++] = (uint32_t)it->n;
}

/* Note a mark that is dropped, by its character before folding. */
static void note_dropped(const struct scan *s, struct items *it, uint32_t cp)
{
    uint32_t raw = 0;
    if (cp == U'·') {
        note(it, it->n, MARK_DOT);
        return;
    }
    utf8_next(s->text.p + s->at, s->text.p + s->text.n, &raw);
    switch (raw) {
    case '"':
    case U'＂':
        note(it, it->n, MARK_QUOTE);
        break;
    case U'“':
    case U'‘':
    case U'「':
    case U'『':
        note(it, it->n, MARK_OPEN);
        break;
    case U'”':
    case U'’':
    case U'」':
    case U'』':
        note(it, it->n, MARK_CLOSE);
        break;
    }
}

static bool next_is_alnum(const struct scan *s, size_t at)
{
    uint32_t raw, entry;
    if (at >= s->text.n)
        return false;
    scan_char(s->text, at, &raw, &entry);
    return entry & FOLD_ALNUM;
}

static enum item_kind text_kind(enum fold_class class)
{
    switch (class) {
    case CLASS_HAN:
        return ITEM_HAN;
    case CLASS_LETTER:
        return ITEM_LETTER;
    case CLASS_DIGIT:
        return ITEM_DIGIT;
    default:
        return ITEM_SYMBOL;
    }
}

/* A mark that the text view drops. What hangs on the character before it lengthens that one. */
static void take_dropped(struct scan *s, struct items *it, uint32_t cp, uint32_t entry, size_t end)
{
    note_gap(it);
    if (it->mark)
        note_dropped(s, it, cp);
    if (s->view == AN_VIEW_MARKS)
        push(it, cp, s->at, end, ITEM_SEPARATOR);
    else if (entry & FOLD_EXTEND && it->n > 0 && it->end[it->n - 1] == s->at &&
             it->cp[it->n - 1] != '\n')
        it->end[it->n - 1] = (uint32_t)end;
}

static void take_connector(struct scan *s, struct items *it, uint32_t cp, uint32_t entry,
                           size_t end)
{
    if (s->alnum && next_is_alnum(s, end)) {
        push(it, cp, s->at, end, ITEM_LINK);
        s->alnum = false;
    } else if (entry_class(entry) == CLASS_POINT) {
        take_dropped(s, it, cp, entry, end);
    } else {
        push(it, cp, s->at, end, ITEM_SEPARATOR);
        s->alnum = false;
    }
}

/* Returns where to go on: behind the separator, or behind the reading that it opens. */
static size_t take_separator(struct scan *s, struct items *it, uint32_t cp, uint32_t entry,
                             size_t end)
{
    enum fold_class class = entry_class(entry);
    if (cp == '(' && s->han && s->view == AN_VIEW_TEXT) {
        size_t n = reading_length(s->text, s->at, s->han);
        if (n > 0) {
            it->end[it->n - 1] = (uint32_t)(s->at + n);
            note_gap(it);
            return s->at + n;
        }
    }
    s->alnum = false;
    if (class == CLASS_BREAK)
        note(it, it->n, MARK_BREAK);
    else if (cp == U'《')
        note(it, it->n + 1, MARK_OPEN);
    else if (cp == U'》')
        note(it, it->n, MARK_CLOSE);
    if (class == CLASS_SPACE && it->n > 0 && it->cp[it->n - 1] == ' ')
        it->end[it->n - 1] = (uint32_t)end;
    else
        push(it, cp, s->at, end,
             class == CLASS_SPACE   ? ITEM_SPACE
             : class == CLASS_BREAK ? ITEM_BREAK
                                    : ITEM_SEPARATOR);
    return end;
}

/* Take Han characters of three bytes as long as nothing else comes: nearly all of a text. An
 * overlong form or a surrogate is no Han character, so both are left to the careful way. What the
 * loop needs is copied out first, for a store to kind might be to anything. */
static void take_han(struct scan *s, struct items *it)
{
    const struct items to = *it;
    const unsigned char *text = (const unsigned char *)s->text.p;
    size_t at = s->at, left = (s->text.n - at) / 3, n = to.n;
    size_t full = left < to.cap - n ? n + left : to.cap;
    for (; n < full; n++, at += 3) {
        const unsigned char *p = text + at;
        uint32_t raw = (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
        uint32_t entry = fold_entry(raw);
        bool triple = (p[0] & 0xf0) == 0xe0 && (p[1] & p[2] & 0x80) && !((p[1] | p[2]) & 0x40);
        if (!triple || (entry & FOLD_SORT) != FOLD_HAN)
            break;
        to.cp[n] = entry_cp(entry, raw);
        to.start[n] = (uint32_t)at;
        to.end[n] = (uint32_t)at + 3;
        if (to.kind)
            to.kind[n] = ITEM_HAN;
        s->han = raw;
    }
    s->alnum &= at == s->at;
    s->at = at;
    it->n = n;
}

bool scan_fill(struct scan *s, struct items *it)
{
    while (s->at < s->text.n && it->n < it->cap) {
        uint32_t raw, entry;
        take_han(s, it);
        if (s->at == s->text.n || it->n == it->cap)
            break;
        size_t end = s->at + scan_char(s->text, s->at, &raw, &entry);
        uint32_t cp = entry_cp(entry, raw), han = 0;
        switch (entry_role(entry)) {
        case ROLE_TEXT:
            note_other(it);
            push(it, cp, s->at, end, text_kind(entry_class(entry)));
            s->alnum = entry & FOLD_ALNUM;
            if (entry_class(entry) == CLASS_HAN)
                han = raw;
            break;
        case ROLE_DROPPED:
            take_dropped(s, it, cp, entry, end);
            break;
        case ROLE_CONNECTOR:
            take_connector(s, it, cp, entry, end);
            break;
        case ROLE_SEPARATOR:
            end = take_separator(s, it, cp, entry, end);
            break;
        }
        s->han = han;
        s->at = end;
    }
    return s->at == s->text.n;
}
