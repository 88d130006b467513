/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names of persons.
 *
 * A Chinese name is a surname and one or two characters more. It is looked for where the best path
 * has left a surname alone, because the lexicon explains nothing there: 吴|舜|泽. How much must
 * speak for a name depends on how much speaks against it:
 *
 *    two lone characters follow (吴|舜|泽)   nothing more is needed, unless the characters around
 *                                            look like one unknown word with it (艾华斯|特)
 *    one does, or a rare word (朱|林森)      a title before, a cue behind, or nothing else in the
 *                                            run: 市长朱林森, 朱林森主持, “朱林森、吴浩”
 *    doubtful surnames (于 高 时), unlikely  a title or a cue
 *    characters (一 上)
 *
 * A surname and one character with a space between them, and nothing else beside them but a title,
 * are a name as bulletins set it, so that short names are as wide as long ones: 雷　敏. It is spelt
 * with the space.
 *
 * A name covers whole words of the path. It stands beside them, not in their place: the same name
 * may be seen for one here and not there, and then its words still rank. A foreign name is pieces
 * of two characters or more that are used to write such names, joined by middle dots: 马可·罗西.
 * Its pieces are words of the path.
 *
 * Without a lexicon every character is alone and nothing can be told, so no names are found then.
 */

#include "names.h"

#define RARE_COST   (12 * LEX_COST_ONE) /* one word in 160,000 */
#define PIECE_MAX   8                   /* characters in a piece of a foreign name */
#define PIECE_LEAST 2

struct place {
    const struct name_table *t;
    const struct items *it;
    const struct words *w;
    size_t n; /* items */
};

static bool alone(const struct place *p, size_t at)
{
    return at < p->n && p->it->kind[at] == ITEM_HAN && p->w->n[at] == 1;
}

static bool is_text(const struct place *p, size_t at)
{
    return at < p->n && item_is_text(p->it->kind[at]);
}

/* The length of the surname that begins at item at, 0: none does. */
static size_t surname_length(const struct place *p, size_t at)
{
    uint8_t flags = name_flags(p->t, p->it->cp[at]);
    if (flags & NAME_COMPOUND && at + 1 < p->n &&
        (p->w->n[at] == 2 || (alone(p, at) && alone(p, at + 1))) &&
        name_has_pair(&p->t->compound, p->it->cp[at], p->it->cp[at + 1]))
        return 2;
    return flags & NAME_SURNAME && alone(p, at) ? 1 : 0;
}

enum evidence { NOTHING, WHOLE_RUN, NEIGHBOUR };

static enum evidence evidence_for(const struct place *p, size_t at, size_t end)
{
    const uint32_t *cp = p->it->cp;
    if (at >= 2 && name_has_pair(&p->t->title, cp[at - 2], cp[at - 1]))
        return NEIGHBOUR;
    if (p->n - end >= 2 && (name_has_pair(&p->t->cue, cp[end], cp[end + 1]) ||
                            name_has_pair(&p->t->title, cp[end], cp[end + 1])))
        return NEIGHBOUR;
    if (end < p->n && (cp[end] == U'说' || cp[end] == U'称'))
        return NEIGHBOUR;
    return (at == 0 || !is_text(p, at - 1)) && !is_text(p, end) ? WHOLE_RUN : NOTHING;
}

static bool rare_word(const struct words *w, size_t at)
{
    return w->kind[at] == AN_WORD && words_cost(w, at) >= RARE_COST;
}

/* Whether the character at an item is bound and alone: then it is in the same unknown word as what
 * is beside it, 辐鳍|鱼纲鲈 or 艾华斯|特. */
static bool strange(const struct place *p, size_t at)
{
    return alone(p, at) && name_flags(p->t, p->it->cp[at]) & NAME_BOUND;
}

/* Whether [at, end) is a name whose surname ends at given. */
static bool believed(const struct place *p, size_t at, size_t given, size_t end)
{
    uint8_t flags = 0;
    for (size_t i = given; i < end; i++)
        flags |= name_flags(p->t, p->it->cp[i]);
    if (flags & NAME_NEVER)
        return false;
    bool doubtful = given - at == 1 && name_flags(p->t, p->it->cp[at]) & NAME_DOUBTFUL;
    bool two_alone = end - given == 2 && p->w->n[given] == 1 && !strange(p, end) &&
                     (at == 0 || !strange(p, at - 1));
    if (two_alone && !doubtful && !(flags & NAME_RARELY))
        return true;
    if (doubtful && end - given == 1)
        return false;
    enum evidence needed = doubtful || flags & NAME_RARELY ? NEIGHBOUR : WHOLE_RUN;
    return evidence_for(p, at, end) >= needed;
}

/* The end of the name whose surname ends at given, 0: there is none. */
static size_t name_end(const struct place *p, size_t at, size_t given)
{
    if (given >= p->n || p->it->kind[given] != ITEM_HAN)
        return 0;
    if (p->w->n[given] == 2)
        return rare_word(p->w, given) && believed(p, at, given, given + 2) ? given + 2 : 0;
    if (!alone(p, given))
        return 0;
    if (alone(p, given + 1) && believed(p, at, given, given + 2))
        return given + 2;
    return believed(p, at, given, given + 1) ? given + 1 : 0;
}

struct name name_at(const struct name_table *t, const struct items *it, size_t n,
                    const struct words *w, size_t at)
{
    struct place p = {t, it, w, n};
    size_t surname = surname_length(&p, at);
    size_t end = surname ? name_end(&p, at, at + surname) : 0;
    return (struct name){.given = at + surname, .end = end ? end : at};
}

/* ---- Names with a space ---- */

bool name_may_be_spaced(const struct name_table *t, uint32_t surname, uint32_t given)
{
    return name_flags(t, surname) & NAME_SURNAME && an_is_han(given) &&
           !(name_flags(t, given) & NAME_NEVER);
}

size_t spaced_name_end(const struct name_table *t, const struct items *it, size_t n,
                       const struct words *w, size_t at)
{
    struct place p = {t, it, w, n};
    const uint32_t *cp = it->cp;
    bool spaced = alone(&p, at) && alone(&p, at + 2) && it->kind[at + 1] == ITEM_SPACE &&
                  !is_text(&p, at + 3) && name_may_be_spaced(t, cp[at], cp[at + 2]);
    bool begins = at == 0 || !is_text(&p, at - 1) ||
                  (at >= 2 && name_has_pair(&t->title, cp[at - 2], cp[at - 1]));
    return spaced && begins ? at + 3 : at;
}

/* ---- Names with dots ---- */

static bool is_foreign(const struct place *p, size_t at)
{
    return p->it->kind[at] == ITEM_HAN && name_flags(p->t, p->it->cp[at]) & NAME_FOREIGN;
}

/* Whether the path has a node before item at. */
static bool is_node(const struct place *p, size_t at)
{
    return at == p->n || p->it->kind[at] != ITEM_HAN || p->w->n[at] > 0;
}

/* Where the piece before the dot begins; dot when there is none. */
static size_t piece_before(const struct place *p, size_t dot, size_t least)
{
    size_t at = dot;
    while (at > least && dot - at < PIECE_MAX && is_foreign(p, at - 1))
        at--;
    while (at < dot && !is_node(p, at))
        at++;
    return dot - at >= PIECE_LEAST && is_node(p, dot) ? at : dot;
}

/* Where the piece behind the dot ends, at most at `most`; dot when there is none. */
static size_t piece_behind(const struct place *p, size_t dot, size_t most)
{
    size_t at = dot;
    while (at < most && at - dot < PIECE_MAX && is_foreign(p, at))
        at++;
    while (at > dot && !is_node(p, at))
        at--;
    return at - dot >= PIECE_LEAST ? at : dot;
}

/* The next dot from mark k on, as an index of marks. */
static size_t next_dot(const struct items *it, size_t k)
{
    while (k < it->nmarks && it->mark[k].kind != MARK_DOT)
        k++;
    return k;
}

/* Where it stands; n when it is not there. */
static size_t dot_place(const struct items *it, size_t k, size_t n)
{
    return k < it->nmarks && it->mark[k].at < n ? it->mark[k].at : n;
}

static void put_on_path(struct words *w, size_t from, size_t to)
{
    memset(w->n + from, 0, (to - from) * sizeof(w->n[0]));
    w->n[from] = (uint16_t)(to - from);
    w->kind[from] = AN_NAME;
    w->id[from] = AN_NO_WORD;
}

/* A piece that is one word already stays it. */
static void put_piece(struct words *w, size_t from, size_t to)
{
    if (w->n[from] != to - from)
        put_on_path(w, from, to);
}

/* Put the pieces of a name on the path: [from, dot), and those behind this dot and the next ones,
 * of which k is the first. Returns the end of the name; from when there is no piece behind. */
static size_t put_pieces(const struct place *p, struct words *w, size_t from, size_t dot, size_t *k)
{
    for (size_t piece = from;;) {
        size_t most = dot_place(p->it, *k, p->n), end = piece_behind(p, dot, most);
        if (end == dot && piece == from)
            return from;
        put_piece(w, piece, dot);
        if (end > dot && (end < most || end == p->n))
            put_piece(w, dot, end);
        if (end == dot || end < most || end == p->n)
            return end;
        piece = dot;
        dot = end;
        *k = next_dot(p->it, *k + 1);
    }
}

void names_with_dots(const struct name_table *t, const struct items *it, size_t n, struct words *w)
{
    struct place p = {t, it, w, n};
    size_t sorted = w->nparts, least = 0, k = next_dot(it, 0), dot;
    while ((dot = dot_place(it, k, n)) < n) {
        size_t from = piece_before(&p, dot, least);
        k = next_dot(it, k + 1);
        if (from == dot)
            continue;
        size_t end = put_pieces(&p, w, from, dot, &k);
        if (end == from)
            continue;
        words_add_part(w, from, end, AN_NAME);
        least = end;
    }
    words_merge_parts(w, sorted);
}
