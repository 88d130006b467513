/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names of places and organisations.
 *
 * Such a name ends in a word that says what it is: 碧湖|镇, 浙江|绿谷|科技|有限公司. refine.c has
 * listed where these words stand on the path; from there the name is followed back, word by word,
 * to where it may begin.
 *
 * A place is one to three characters and the one that ends it:
 *
 *    lone characters, one of them bound   an unknown word (refine.c): 碧湖|镇. At the beginning of
 *                                         a run, behind another place, or behind 在 于 到 赴 至 the
 *                                         free ones beside it belong to it too: 下圩|村, 龙漈|县
 *    a word, or free characters           behind another place only: 松阳县|新兴|镇
 *
 * An organisation is words of at most ORG_MOST characters from a place on: 缙云县|自然资源|和|
 * 规划局. It begins at the nearest place, for what is before that may be another name.
 *
 * Words of the lexicon that are places are told by their last character, 缙云县, or are among the
 * few names of provinces. A chain of places is several names. Whatever is found stands over the
 * path.
 */

#include "places.h"
#include <uchar.h>

#define ORG_MOST   12 /* characters in an organisation */
#define LONE_MOST  3  /* lone characters in a place, before its last */
#define WORD_PLACE 3  /* characters at least in a word that is a place by its last one */

struct hunt {
    const struct name_table *t;
    const struct items *it;
    struct words *w;
    size_t n;
    size_t sorted; /* parts before those that are found here */
};

/* Where the Han word of the path that ends at `to` begins; `to` when there is none. */
static size_t word_before(const struct hunt *h, size_t to)
{
    if (to == 0)
        return to;
    size_t step = words_step(h->w, to);
    if (step == 0 || step > to)
        return to;
    size_t from = to - step;
    return h->w->n[from] == step && h->it->kind[from] == ITEM_HAN ? from : to;
}

static bool run_begins(const struct hunt *h, size_t at)
{
    return at == 0 || !item_is_text(h->it->kind[at - 1]);
}

/* Whether the word of the path at [from, to) is a place. */
static bool is_known_place(const struct hunt *h, size_t from, size_t to)
{
    const uint32_t *cp = h->it->cp;
    if (to - from == 2)
        return name_has_pair(&h->t->province, cp[from], cp[from + 1]);
    return to - from >= WORD_PLACE && name_ends(h->t, cp[to - 1]) & NAME_ENDS_AREA &&
           !name_has_pair(&h->t->no_area, cp[to - 2], cp[to - 1]);
}

/* Whether a name found here begins at item `at` or, with begins false, ends there. */
static bool is_found(const struct hunt *h, size_t at, bool begins)
{
    for (size_t i = h->w->nparts; i > h->sorted; i--) {
        size_t from = h->w->part[i - 1].from, end = from + h->w->part[i - 1].n;
        if ((begins ? from : end) == at)
            return true;
        if (end + ORG_MOST < at)
            break;
    }
    return false;
}

static bool place_before(const struct hunt *h, size_t at)
{
    size_t from = word_before(h, at);
    return (from < at && is_known_place(h, from, at)) || is_found(h, at, false);
}

/* Whether 在 or its like is before item at. */
static bool cue_before(const struct hunt *h, size_t at)
{
    uint32_t cp = at > 0 ? h->it->cp[at - 1] : 0;
    return cp == U'在' || cp == U'于' || cp == U'到' || cp == U'赴' || cp == U'至';
}

/* ---- Places ---- */

static bool is_bound(const struct hunt *h, size_t at)
{
    return name_flags(h->t, h->it->cp[at]) & NAME_BOUND;
}

/* What is done with places or said of them, in none of their names: 报|省, 名|村. */
static bool is_verb(uint32_t cp)
{
    static const char32_t verbs[] = U"报设扩撤填废围交强整承建名禁限监知淹堵挖卸涉";
    for (const char32_t *verb = verbs; *verb; verb++)
        if (*verb == cp)
            return true;
    return false;
}

/* Whether a lone character that may be in a name of a place is before item at. */
static bool lone_before(const struct hunt *h, size_t at)
{
    return at > 0 && word_before(h, at) == at - 1 &&
           !(name_flags(h->t, h->it->cp[at - 1]) & (NAME_NEVER | NAME_SINGLE)) &&
           !is_verb(h->it->cp[at - 1]);
}

/* Where a place begins that is lone characters before item end; end: there is none. */
static size_t lone_place(const struct hunt *h, size_t end)
{
    size_t from = end, strange = end;
    bool bound = false;
    for (; end - from < LONE_MOST && lone_before(h, from); from--) {
        bound |= is_bound(h, from - 1);
        if (strange == from && is_bound(h, from - 1))
            strange--;
    }
    bool whole = !lone_before(h, from);
    if (bound && whole && (run_begins(h, from) || cue_before(h, from) || place_before(h, from)))
        return from;
    if (end - from >= 2 && whole && place_before(h, from))
        return from;
    return end - strange >= 2 ? strange : end;
}

/* Where a place begins that is a word, and perhaps a lone character, before item end. */
static size_t word_place(const struct hunt *h, size_t end)
{
    size_t to = lone_before(h, end) ? end - 1 : end, from = word_before(h, to);
    if (to - from != 2 || !place_before(h, from))
        return end;
    unsigned flags = name_flags(h->t, h->it->cp[from]) | name_flags(h->t, h->it->cp[from + 1]);
    return flags & (NAME_NEVER | NAME_SINGLE) ? end : from;
}

/* Whether a lone bound character follows item at: 林田湖|草 is a list. */
static bool lone_after(const struct hunt *h, size_t at)
{
    return at + 1 < h->n && h->it->kind[at + 1] == ITEM_HAN && h->w->n[at + 1] == 1 &&
           is_bound(h, at + 1);
}

/* A 区 is mostly of some purpose, 禁燃区; one character needs something before it, and makes no 市
 * or 县 even so. */
static bool is_likely_place(const struct hunt *h, size_t from, size_t end)
{
    const uint32_t *cp = h->it->cp;
    if (name_has_pair(&h->t->no_area, cp[end - 1], cp[end]))
        return false;
    bool area = name_ends(h->t, cp[end]) & NAME_ENDS_AREA, one = end - from == 1;
    if (one && area && cp[end] != U'州' && cp[end] != U'镇')
        return false;
    if (cp[end] == U'区')
        return place_before(h, from);
    if (one)
        return place_before(h, from) || cue_before(h, from);
    return area || !lone_after(h, end);
}

static void find_place(struct hunt *h, size_t end)
{
    size_t from = lone_place(h, end);
    if (from == end)
        from = word_place(h, end);
    if (from < end && is_likely_place(h, from, end))
        words_add_part(h->w, from, end + 1, AN_NAME);
}

/* ---- Organisations ---- */

static bool is_office(const struct hunt *h, size_t end)
{
    return h->it->cp[end - 1] == U'局' || h->it->cp[end - 1] == U'厅';
}

static bool ends_organisation(const struct hunt *h, size_t at, size_t n)
{
    const uint32_t *last = h->it->cp + at + n - 1;
    return is_office(h, at + n) || (n >= 2 && name_has_pair(&h->t->organisation, last[-1], *last));
}

/* 香港|中学 may be any of them, 香港|体育|学院 is one. */
static bool is_one(const struct hunt *h, size_t from, size_t to, size_t at, size_t end)
{
    return to < at || to - from > 2 || end - at > 3 || is_office(h, end);
}

static void find_organisation(struct hunt *h, size_t at, size_t end)
{
    for (size_t to = at, from; (from = word_before(h, to)) < to; to = from) {
        if (end - from > ORG_MOST)
            return;
        if (name_has_pair(&h->t->no_area, h->it->cp[end - 2], h->it->cp[end - 1]))
            return;
        if (is_known_place(h, from, to) || is_found(h, from, true)) {
            if (is_one(h, from, to, at, end))
                words_add_part(h->w, from, end, AN_NAME);
            return;
        }
        if (to - from == 1 && name_flags(h->t, h->it->cp[from]) & NAME_NEVER &&
            h->it->cp[from] != U'和')
            return;
    }
}

void places_find(const struct name_table *t, const struct items *it, size_t n, struct words *w)
{
    struct hunt h = {t, it, w, n, w->nparts};
    for (size_t i = 0; i < w->nendings; i++) {
        size_t at = w->ending[i], end = at + w->n[at];
        if (end == at + 1 && !is_office(&h, end))
            find_place(&h, at);
        else if (ends_organisation(&h, at, end - at))
            find_organisation(&h, at, end);
    }
    words_settle(w, h.sorted);
}
