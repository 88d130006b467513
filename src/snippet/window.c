/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which part of a text to show, or which two.
 *
 * First the core: over all stretches of matches that fit into the width, the one whose different
 * patterns have the most characters, then one in three quarters of the width, for a match at the
 * edge is seen without what is around it, then the one with the most matches, then the first. A
 * sweep with two ends finds it. Where it does not show all that was found, two cores of half the
 * width are tried: the best one, and the one that adds most to it. If together they show more,
 * there are two windows with a mark of omission between them.
 *
 * Then the core grows to the width. To the left, within half of the room that is left over, it
 * takes the beginning of its sentence, else of a clause, else half of that; to the right it goes
 * on to the last end of a sentence in the second half of what remains, else of a clause, else to
 * the last character that fits. Near the end of a text the left side gets what the right cannot
 * use.
 *
 * Cuts fall between the characters of the fold, so never inside a character or between it and its
 * reading, and where there is a choice not inside a word of letters or a number; closing quotes
 * stay with the text before them. Widths are columns of a terminal, but every character takes one
 * at least. Only a character with more marks behind it than the window is wide, as no honest text
 * has, is cut off from some of them.
 */

#include "match.h"

#include <gongbao/utf8.h>

/* Columns taken by the two marks of omission, by the one between two windows, and by the widest
 * character, which a window has room for. */
enum { ELLIPSES = 2, JOINT = 1, WIDEST = 2 };

/* Columns that a single character with its reading may take beyond those of a narrow window, for
 * both windows together where there are two. */
enum { READING = 36 };

/* A word of letters that is longer than this is cut where need be. */
enum { WORD_MAX = 24 };

/* Two windows narrower than this show words without what they are about. */
enum { NARROWEST = 16 };

/* Columns of text[start, end), counted no further than max + 1. */
static uint32_t columns_of(struct str text, size_t start, size_t end, uint32_t max)
{
    const char *p = text.p + start, *stop = text.p + end;
    uint32_t n = 0;
    while (p < stop && n <= max) {
        uint32_t cp = 0;
        unsigned len = utf8_next(p, stop, &cp);
        n += utf8_columns(cp);
        p += len ? len : 1;
    }
    return n;
}

/* ---- the core ---- */

struct core {
    uint32_t start, end; /* bytes */
    uint64_t worth;
    size_t first, n; /* its matches */
};

struct sweep {
    const struct matches *m;
    uint32_t *left, *right; /* columns of each match's ends */
    uint32_t *shown;        /* by pattern: matches of it in the stretch */
    bool *had;              /* by pattern: shown already, elsewhere */
    uint64_t worth;
};

static bool measure(struct sweep *s, struct str text, struct arena *a)
{
    const struct matches *m = s->m;
    s->left = arena_alloc(a, m->n * sizeof(uint32_t));
    s->right = arena_alloc(a, m->n * sizeof(uint32_t));
    s->shown = arena_calloc(a, m->npattern, sizeof(uint32_t));
    s->had = arena_calloc(a, m->npattern, sizeof(bool));
    if (!s->left || !s->right || !s->shown || !s->had)
        return false;
    uint32_t column = 0, at = m->at[0].start;
    for (size_t i = 0; i < m->n; i++) {
        column += columns_of(text, at, m->at[i].start, UINT32_MAX - 1);
        at = m->at[i].start;
        s->left[i] = column;
        s->right[i] = column + columns_of(text, at, m->at[i].end, UINT32_MAX - 1);
    }
    return true;
}

static void show(struct sweep *s, size_t i)
{
    uint32_t p = s->m->at[i].pattern;
    if (s->shown[p]++ == 0 && !s->had[p])
        s->worth += s->m->worth[p];
}

static void hide(struct sweep *s, size_t i)
{
    uint32_t p = s->m->at[i].pattern;
    if (--s->shown[p] == 0 && !s->had[p])
        s->worth -= s->m->worth[p];
}

static uint32_t last_end(const struct matches *m, size_t i, size_t n)
{
    uint32_t end = 0;
    for (size_t k = i; k < n; k++)
        end = m->at[k].end > end ? m->at[k].end : end;
    return end;
}

static struct core best_core(struct sweep *s, uint32_t columns)
{
    const struct matches *m = s->m;
    struct core best = {0};
    for (size_t i = 0, j = 0; i < m->n; i++) {
        while (j < m->n && (j == i || s->right[j] - s->left[i] <= columns))
            show(s, j++);
        if (s->worth > best.worth || (s->worth == best.worth && j - i > best.n))
            best = (struct core){.worth = s->worth, .first = i, .n = j - i};
        hide(s, i);
    }
    best.start = m->at[best.first].start;
    best.end = last_end(m, best.first, best.first + best.n);
    return best;
}

/* The best core, with room around it where that costs nothing of the query. */
static struct core roomy_core(struct sweep *s, uint32_t columns)
{
    const struct core full = best_core(s, columns);
    const struct core tight = best_core(s, columns - columns / 4);
    return tight.worth == full.worth ? tight : full;
}

/* The worth of everything that was found. */
static uint64_t whole_worth(const struct sweep *s, struct arena *a)
{
    bool *seen = arena_calloc(a, s->m->npattern, sizeof(bool));
    uint64_t worth = 0;
    for (size_t i = 0; seen && i < s->m->n; i++) {
        uint32_t p = s->m->at[i].pattern;
        worth += seen[p] ? 0 : s->m->worth[p];
        seen[p] = true;
    }
    return worth;
}

/* Two cores in the order of the text, if they show more than one does. */
static bool find_two(struct sweep *s, uint32_t columns, uint64_t more_than, struct core two[2])
{
    two[0] = roomy_core(s, columns);
    for (size_t i = 0; i < two[0].n; i++)
        s->had[s->m->at[two[0].first + i].pattern] = true;
    two[1] = roomy_core(s, columns);
    if (two[1].worth == 0 || two[0].worth + two[1].worth <= more_than)
        return false;
    if (two[1].start < two[0].start) {
        struct core first = two[1];
        two[1] = two[0];
        two[0] = first;
    }
    return true;
}

static uint32_t half_of(uint32_t columns)
{
    return columns > JOINT ? (columns - JOINT) / 2 : 0;
}

/* One core, or two for half of the columns each; *n tells. Without a match it is empty. */
static enum st find_cores(struct str text, const struct matches *m, uint32_t columns,
                          struct arena *a, struct core out[PASSAGES], size_t *n)
{
    struct sweep s = {.m = m};
    *n = 1;
    out[0] = (struct core){0};
    if (m->n == 0)
        return ST_OK;
    if (!measure(&s, text, a))
        return ST_NO_MEMORY;
    const struct core one = roomy_core(&s, columns);
    if (one.worth < whole_worth(&s, a) && half_of(columns) >= NARROWEST &&
        find_two(&s, half_of(columns), one.worth, out))
        *n = 2;
    else
        out[0] = one;
    return a->failed ? ST_NO_MEMORY : ST_OK;
}

/* ---- growing it ---- */

enum pause { NO_PAUSE, CLAUSE, SENTENCE };

static enum pause pause_of(uint32_t cp)
{
    switch (cp) {
    case U'。':
    case '!':
    case '?':
    case ';':
    case '\n':
        return SENTENCE;
    case ',':
    case ':':
    case ' ':
    case U'、':
        return CLAUSE;
    default:
        return NO_PAUSE;
    }
}

struct grower {
    struct str text;
    const struct an_text *fold;
    size_t from, to;     /* characters of the fold shown */
    size_t first, after; /* those of the core */
};

static bool closing_quote(struct str s)
{
    return str_starts(s, STR("”")) || str_starts(s, STR("’")) || str_starts(s, STR("」")) ||
           str_starts(s, STR("』"));
}

/* Where to cut before the i-th character: behind the one before it and the closing quotes that
 * follow that. */
static uint32_t edge(const struct grower *g, size_t i)
{
    if (i == 0 || i >= g->fold->n)
        return i == 0 ? 0 : (uint32_t)g->text.n;
    uint32_t at = g->fold->end[i - 1], limit = g->fold->start[i];
    while (at < limit && closing_quote(str_from(g->text.p + at, limit - at)))
        at += 3;
    return at;
}

/* Columns of the i-th character with its reading and the dropped marks around it. */
static uint32_t cell(const struct grower *g, size_t i, uint32_t max)
{
    return columns_of(g->text, edge(g, i), edge(g, i + 1), max);
}

static bool blank(const struct grower *g, size_t i)
{
    return g->fold->cp[i] == ' ' || g->fold->cp[i] == '\n';
}

static bool is_wordly(uint32_t cp)
{
    return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9');
}

/* Whether a cut before the i-th character would go through a word of letters or a number. */
static bool splits(const struct grower *g, size_t i)
{
    if (i == 0 || i >= g->fold->n)
        return false;
    const uint32_t *cp = g->fold->cp + i;
    if (is_wordly(cp[-1]) && is_wordly(cp[0]))
        return true;
    bool point = cp[0] == '.' || cp[0] == ',', behind = cp[-1] == '.' || cp[-1] == ',';
    return (point && is_digit(cp[-1]) && i + 1 < g->fold->n && is_digit(cp[1])) ||
           (behind && is_digit(cp[0]) && i > 1 && is_digit(cp[-2]));
}

/* What ends right before the i-th character. */
static enum pause pause_before(const struct grower *g, size_t i)
{
    if (i == 0)
        return SENTENCE;
    return splits(g, i) ? NO_PAUSE : pause_of(g->fold->cp[i - 1]);
}

/* Columns behind `to`, counted no further than max. */
static uint32_t room_right(const struct grower *g, uint32_t max)
{
    uint32_t n = columns_of(g->text, edge(g, g->to), g->text.n, max);
    return n < max ? n : max;
}

/* Move `from` to the left by at most max columns, by at least min where a pause allows it; returns
 * the columns used. */
static uint32_t grow_left(struct grower *g, uint32_t min, uint32_t max)
{
    const uint32_t plain_max = min > max / 2 ? min : max / 2;
    size_t plain = g->from, clause = SIZE_MAX;
    uint32_t used = 0, plain_used = 0, clause_used = 0;
    for (size_t k = g->from;; k--) {
        enum pause p = pause_before(g, k);
        if (p == SENTENCE && used >= min) {
            g->from = k;
            return used;
        }
        if (p == CLAUSE && used >= min) {
            clause = k;
            clause_used = used;
        }
        if ((used <= plain_max || splits(g, plain)) && !splits(g, k)) {
            plain = k;
            plain_used = used;
        }
        uint32_t more = k > 0 ? cell(g, k - 1, max) : 0;
        if (k == 0 || used + more > max)
            break;
        used += more;
    }
    g->from = clause < SIZE_MAX ? clause : plain;
    return clause < SIZE_MAX ? clause_used : plain_used;
}

/* Move `to` to the right by at most max columns. */
static void grow_right(struct grower *g, uint32_t max)
{
    size_t best[3] = {g->to, g->to, g->to}, whole = SIZE_MAX;
    const bool inside = splits(g, g->to);
    uint32_t used = 0;
    size_t k = g->to;
    while (k < g->fold->n) {
        used += cell(g, k, max);
        if (used > max)
            break;
        k++;
        if (!splits(g, k) && (used >= max / 2 || (inside && whole == SIZE_MAX)))
            whole = k;
        if (used >= max / 2)
            best[pause_before(g, k)] = k;
    }
    if (k < g->fold->n && best[SENTENCE] != g->to)
        k = best[SENTENCE];
    else if (k < g->fold->n && best[CLAUSE] != g->to)
        k = best[CLAUSE];
    else if (splits(g, k) && whole < SIZE_MAX)
        k = whole;
    g->to = k;
}

static void cut(struct grower *g, struct window *out)
{
    *out = (struct window){.end = (uint32_t)g->text.n};
    if (g->fold->n == 0) /* nothing but dropped marks */
        return;
    while (g->from < g->first && g->from > 0 && blank(g, g->from))
        g->from++;
    while (g->to > g->after && blank(g, g->to - 1))
        g->to--;
    size_t more = g->to;
    while (more < g->fold->n && blank(g, more))
        more++;
    out->before = g->from > 0;
    out->after = more < g->fold->n;
    out->start = edge(g, g->from);
    out->end = g->to > g->from ? edge(g, g->to) : out->start;
}

/* The first character of the fold that begins at a byte or behind it. */
static size_t character_at(const struct an_text *fold, uint32_t byte)
{
    size_t low = 0, high = fold->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (fold->start[mid] < byte)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Begin with the characters of a core, as many as fit; the columns that are left over. */
static uint32_t begin(struct grower *g, uint32_t start, uint32_t end, uint32_t columns)
{
    g->from = character_at(g->fold, start);
    if (g->from > 0 && edge(g, g->from) > start)
        g->from--; /* the match begins inside a reading, or is marks that stay with it */
    g->first = g->to = g->from;
    uint32_t used = 0;
    bool full = false;
    while (!full && g->to < g->fold->n && edge(g, g->to) < end) {
        uint32_t more = cell(g, g->to, columns);
        full = used + more > columns && more <= columns && g->to > g->from;
        used += full ? 0 : more;
        g->to += !full;
    }
    g->after = g->to;
    return !full && used < columns ? columns - used : 0;
}

static void grow(struct grower *g, const struct core *core, uint32_t columns)
{
    uint32_t spare = begin(g, core->start, core->end, columns);
    uint32_t right = room_right(g, spare);
    uint32_t min = spare - right;
    uint32_t max = min > spare / 2 ? min : spare / 2;
    if (spare > 0)
        grow_right(g, spare - grow_left(g, min / 2, max));
}

/* Half of the room to the left and half to the right; what one side cannot use the other gets. */
static void grow_evenly(struct grower *g, uint32_t spare)
{
    uint32_t right = room_right(g, spare);
    uint32_t left = right < spare / 2 ? spare - right : spare / 2;
    uint32_t used = 0, more;
    while (g->from > 0 && used + (more = cell(g, g->from - 1, spare)) <= left) {
        used += more;
        g->from--;
    }
    while (g->to < g->fold->n && used + (more = cell(g, g->to, spare)) <= spare) {
        used += more;
        g->to++;
    }
    for (size_t n = 0; n < WORD_MAX && g->from < g->first && splits(g, g->from); n++)
        g->from++;
    for (size_t n = 0; n < WORD_MAX && g->to > g->after && splits(g, g->to); n++)
        g->to--;
}

/* The end of as many columns as there may be from a byte on. */
static uint32_t end_of_columns(struct str text, uint32_t start, uint32_t columns)
{
    uint32_t at = start, used = 0;
    while (at < text.n) {
        uint32_t cp = 0;
        unsigned len = utf8_next(text.p + at, text.p + text.n, &cp);
        used += utf8_columns(cp);
        if (used > columns)
            break;
        at += len ? len : 1;
    }
    return at;
}

/* Hold the window to its width where one character alone is wider. The core is kept. */
static void clip(struct str text, const struct core *core, uint32_t columns, uint32_t reading,
                 struct window *w)
{
    const uint32_t max = columns + reading;
    if (columns_of(text, w->start, w->end, max) <= max)
        return;
    if (w->start < core->start && columns_of(text, w->start, core->start, columns) > columns / 2) {
        w->start = core->start;
        w->before = true;
    }
    uint32_t end = end_of_columns(text, w->start, columns);
    if (end < w->end) {
        w->end = end;
        w->after = true;
    }
}

/* The beginning, as long as what is shown whole may be. */
static void beginning(struct str text, struct window *out)
{
    *out = (struct window){.end = (uint32_t)text.n};
    if (columns_of(text, 0, text.n, SNIP_WHOLE) <= SNIP_WHOLE)
        return;
    out->end = end_of_columns(text, 0, SNIP_WHOLE - 1);
    out->after = true;
}

/* Two windows that meet are one. */
static void join(struct windows *w)
{
    if (w->n < 2 || w->at[0].end < w->at[1].start)
        return;
    w->at[0].end = w->at[1].end > w->at[0].end ? w->at[1].end : w->at[0].end;
    w->at[0].after = w->at[1].after;
    w->n = 1;
}

enum st snip_window(struct str text, const struct an_text *fold, const struct matches *m,
                    const struct snip_opts *opts, struct arena *a, struct windows *out)
{
    uint32_t columns = opts->columns;
    *out = (struct windows){.at = {{0, (uint32_t)text.n, false, false}}, .n = 1};
    if (!opts->whole && columns == 0)
        beginning(text, &out->at[0]);
    if (opts->whole || columns == 0 || columns_of(text, 0, text.n, columns) <= columns)
        return ST_OK;
    struct core core[PASSAGES];
    columns = columns > ELLIPSES + WIDEST ? columns - ELLIPSES : WIDEST;
    enum st st = find_cores(text, m, columns, a, core, &out->n);
    if (st != ST_OK)
        return st;
    if (out->n > 1)
        columns = half_of(columns);
    for (size_t i = 0; i < out->n; i++) {
        struct grower g = {.text = text, .fold = fold};
        grow(&g, &core[i], columns);
        cut(&g, &out->at[i]);
        clip(text, &core[i], columns, READING / (uint32_t)out->n, &out->at[i]);
    }
    join(out);
    return ST_OK;
}

struct window snip_around(struct str text, const struct an_text *fold, uint32_t start, uint32_t end,
                          uint32_t columns)
{
    const struct core core = {.start = start, .end = end};
    struct grower g = {.text = text, .fold = fold};
    struct window w;
    columns = columns > ELLIPSES + WIDEST ? columns - ELLIPSES : WIDEST;
    grow_evenly(&g, begin(&g, start, end, columns));
    cut(&g, &w);
    clip(text, &core, columns, READING, &w);
    return w;
}
