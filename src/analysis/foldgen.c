/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes the fold table (fold.h) as C source:
 *
 *     foldgen WORDS RADICALS VARIANTS ST JP TS TW HK > fold_table.c
 *
 * WORDS is the word list with frequencies, RADICALS is EquivalentUnifiedIdeograph.txt and VARIANTS
 * Unihan_Variants.txt of the Unicode database, the others are OpenCC's character tables as text,
 * lines "FROM<TAB>TO[ TO…]". This program runs on the machine that builds and is not part of the
 * library. FOLD.md tells the rules, fold_rules.h holds those that no data give.
 *
 * A code point is folded in two steps. First its shape: width, case, compatibility form and
 * diacritics, through utf8proc, when the outcome is one code point, or one in brackets or before a
 * dot (㈠ ⑴ ⒈); what would become several (½ ℃ ㎡) stays. Radicals become the characters they are
 * drawn as. Then its class: Han characters that some conversion between scripts can turn into one
 * another are joined (乾 干 幹, 著 着, 畫 画 划), and the one most frequent among simplified
 * characters (those of GB 2312) stands for all.
 *
 * Two kinds of data are believed only in part. A Japanese form that is a Chinese character in its
 * own right (欠 缶 弁 連, in GB 2312 or the first plane of Big5) is not joined to the one that it
 * stands for in Japanese. And Unihan's variants, like the less usual targets of OpenCC's ST, take
 * in a rare character that is in no class yet (岀 淸 邨), but never join two classes.
 *
 * The result is checked to be idempotent: the fold of a fold is itself, role and class included.
 */

#include "fold.h"
#include "fold_rules.h"
#include "pages.h"
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define CODES 0x110000u

static uint32_t shape[CODES];  /* after the first step */
static uint32_t parent[CODES]; /* union-find over shapes */
static bool joined[CODES];     /* is of a class with others, by shape */
static uint32_t equal[CODES];  /* what a radical is drawn as */
static uint32_t best[CODES];   /* representative, at a root */
static uint32_t entry[CODES];
static uint64_t frequency[CODES];
static bool simplified[CODES];  /* in GB 2312 */
static bool traditional[CODES]; /* among the frequent characters of Big5 */
static bool common[CODES];      /* by class, at its representative */

#define COMMON_MAX 4000

static void die(const char *what, const char *name)
{
    fprintf(stderr, "foldgen: %s %s: %s\n", what, name, errno ? strerror(errno) : "bad data");
    exit(1);
}

/* The next code point of a NUL-terminated string, 0 at its end. */
static uint32_t next_cp(const char **s)
{
    utf8proc_int32_t cp = 0;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)*s, -1, &cp);
    if (n <= 0 || cp <= 0)
        return 0;
    *s += n;
    return (uint32_t)cp;
}

static bool is_in(uint32_t cp, const char *set)
{
    uint32_t c;
    while ((c = next_cp(&set)) != 0)
        if (c == cp)
            return true;
    return false;
}

static bool is_mark(uint32_t cp)
{
    utf8proc_category_t cat = utf8proc_category((utf8proc_int32_t)cp);
    return cat == UTF8PROC_CATEGORY_MN || cat == UTF8PROC_CATEGORY_ME;
}

static bool is_space(uint32_t cp)
{
    return cp == '\t' || cp == '\v' || cp == '\f' || cp == BLANK_CELL ||
           utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_ZS;
}

static bool is_letter_or_number(uint32_t cp)
{
    utf8proc_category_t cat = utf8proc_category((utf8proc_int32_t)cp);
    return (cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO) ||
           (cat >= UTF8PROC_CATEGORY_ND && cat <= UTF8PROC_CATEGORY_NO);
}

static bool is_punctuation(uint32_t cp)
{
    utf8proc_category_t cat = utf8proc_category((utf8proc_int32_t)cp);
    return cat >= UTF8PROC_CATEGORY_PC && cat <= UTF8PROC_CATEGORY_PO;
}

/* What shows nothing: zero-width and bidi controls, fillers. */
static bool is_hidden(uint32_t cp)
{
    for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++)
        if (cp == fillers[i])
            return true;
    return utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_CF;
}

static bool is_picture(uint32_t cp)
{
    for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++)
        if (cp >= pictures[i].from && cp <= pictures[i].to)
            return !is_letter_or_number(cp);
    return false;
}

static bool is_break(uint32_t cp)
{
    return cp == '\n' || cp == '\r' || cp == 0x85 || cp == 0x2028 || cp == 0x2029;
}

/* Controls and code points that are no characters. */
static bool is_bad(uint32_t cp)
{
    return utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_CC ||
           (cp >= 0xd800 && cp <= 0xdfff) || (cp & 0xfffe) == 0xfffe ||
           (cp >= 0xfdd0 && cp <= 0xfdef);
}

static bool is_han(uint32_t cp)
{
    return (cp >= 0x3400 && cp <= 0x4dbf) || (cp >= 0x4e00 && cp <= 0x9fff) ||
           (cp >= 0xf900 && cp <= 0xfaff) || (cp >= 0x20000 && cp <= 0x3ffff) || cp == 0x3005 ||
           cp == 0x3007;
}

/* The one letter or number among punctuation, as in (一) and 1.; 0 when there is none or more. */
static uint32_t enclosed(const utf8proc_int32_t *d, utf8proc_ssize_t n)
{
    uint32_t found = 0;
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        uint32_t cp = (uint32_t)d[i];
        if (is_punctuation(cp))
            continue;
        if (found || !is_letter_or_number(cp))
            return 0;
        found = cp;
    }
    return found;
}

/* The compatibility decomposition without combining marks, if that is one code point. */
static uint32_t decomposed(uint32_t cp)
{
    utf8proc_int32_t d[32];
    int boundary = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)cp, d, 32,
                                                 UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &boundary);
    if (n < 1 || n > 32)
        return cp;
    utf8proc_ssize_t base = 1;
    while (base < n && is_mark((uint32_t)d[base]))
        base++;
    if (base < n) {
        uint32_t core = enclosed(d, n);
        n = core ? 0 : utf8proc_normalize_utf32(d, n, UTF8PROC_COMPOSE);
        return core ? core : n == 1 ? (uint32_t)d[0] : cp;
    }
    uint32_t to = (uint32_t)d[0];
    return is_space(to) && !is_space(cp) ? cp : to;
}

static uint32_t without_case(uint32_t cp)
{
    utf8proc_int32_t d[4];
    int boundary = 0;
    utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)cp, d, 4, UTF8PROC_CASEFOLD, &boundary);
    if (n == 1 && !is_mark(cp))
        return (uint32_t)d[0];
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
}

static uint32_t shape_once(uint32_t cp)
{
    if (is_break(cp))
        return '\n';
    if (is_space(cp))
        return ' ';
    if (is_bad(cp))
        return FOLD_BAD;
    if (equal[cp])
        return equal[cp];
    for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
        if (is_in(cp, alike[i].from))
            return alike[i].to;
    return without_case(decomposed(cp));
}

static void make_shapes(void)
{
    for (uint32_t cp = 0; cp < CODES; cp++) {
        uint32_t to = shape_once(cp);
        for (int i = 0; i < 8 && shape_once(to) != to; i++)
            to = shape_once(to);
        shape[cp] = to;
        parent[cp] = cp;
    }
}

static uint32_t root(uint32_t cp)
{
    while (parent[cp] != cp)
        cp = parent[cp] = parent[parent[cp]];
    return cp;
}

static void join(uint32_t a, uint32_t b)
{
    a = shape[a];
    b = shape[b];
    if (a == b || !is_han(a) || !is_han(b))
        return;
    parent[root(a)] = root(b);
    joined[a] = joined[b] = true;
}

/* Join them if one of them is rare and in no class yet. */
static void take_in(uint32_t a, uint32_t b)
{
    const bool alone_a = !joined[shape[a]] && !simplified[shape[a]];
    const bool alone_b = !joined[shape[b]] && !simplified[shape[b]];
    if (alone_a || alone_b)
        join(a, b);
}

/* Mark what a character set has, up to the last lead byte that counts. */
static void mark_set(const char *charset, unsigned char last, bool *set)
{
    iconv_t cd = iconv_open(charset, "UTF-8");
    if (cd == (iconv_t)-1)
        die("iconv", charset);
    for (uint32_t cp = 0x4e00; cp < 0xa000; cp++) {
        char in[4], out[4] = "", *ip = in, *op = out;
        size_t left = (size_t)utf8proc_encode_char((utf8proc_int32_t)cp, (utf8proc_uint8_t *)in);
        size_t room = sizeof(out);
        set[cp] = iconv(cd, &ip, &left, &op, &room) == 0 && (unsigned char)out[0] <= last;
    }
    iconv_close(cd);
}

static void each_line(const char *path, void (*take)(const char *line, void *ctx), void *ctx)
{
    char *line = NULL;
    size_t cap = 0;
    FILE *f = fopen(path, "r");
    if (!f)
        die("open", path);
    while (getline(&line, &cap, f) > 0)
        take(line, ctx);
    if (ferror(f))
        die("read", path);
    free(line);
    fclose(f);
}

static void count_word(const char *line, void *ctx)
{
    (void)ctx;
    const char *gap = strchr(line, ' ');
    uint64_t n = gap ? strtoull(gap + 1, NULL, 10) : 0;
    uint32_t cp;
    while (line != gap && (cp = next_cp(&line)) != 0 && cp != ' ' && cp != '\n')
        frequency[cp] += n;
}

/* The targets of a line of an OpenCC table, each given to act. */
static void each_target(const char *line, void (*act)(uint32_t from, uint32_t to))
{
    uint32_t from = next_cp(&line), to;
    if (next_cp(&line) != '\t')
        return;
    while ((to = next_cp(&line)) != 0 && to != '\n')
        if (to != ' ')
            act(from, to);
}

static void join_japanese(uint32_t from, uint32_t to)
{
    if (!simplified[to] && !traditional[to])
        join(from, to);
}

static void join_line(const char *line, void *ctx)
{
    (void)ctx;
    each_target(line, join);
}

static void japanese_line(const char *line, void *ctx)
{
    (void)ctx;
    each_target(line, join_japanese);
}

static void less_usual_line(const char *line, void *ctx)
{
    (void)ctx;
    each_target(line, take_in);
}

/* "U+5340<TAB>FIELD<TAB>U+533A<kMatthews U+…"; ctx is the field. */
static void variant_line(const char *line, void *ctx)
{
    const char *field = ctx;
    char *at;
    if (strncmp(line, "U+", 2) != 0)
        return;
    unsigned long from = strtoul(line + 2, &at, 16);
    if (*at != '\t' || strncmp(at + 1, field, strlen(field)) != 0 || from >= CODES)
        return;
    while ((at = strstr(at, "U+")) != NULL) {
        unsigned long to = strtoul(at + 2, &at, 16);
        if (to < CODES)
            take_in((uint32_t)from, (uint32_t)to);
    }
}

/* "2E81 ; 5382 # …" or "2E8C..2E8D ; 5C0F # …" */
static void radical_line(const char *line, void *ctx)
{
    (void)ctx;
    unsigned from, to, target;
    int n = sscanf(line, "%x..%x ; %x", &from, &to, &target);
    if (n != 3) {
        n = sscanf(line, "%x ; %x", &from, &target);
        to = from;
    }
    if (n >= 2 && from < CODES && to < CODES && target < CODES)
        for (; from <= to; from++)
            equal[from] = target;
}

static void make_classes(char **path)
{
    static const char *const fields[] = {"kZVariant\t", "kSimplifiedVariant\t",
                                         "kTraditionalVariant\t", "kSemanticVariant\t"};
    for (int i = 5; i <= 7; i++)
        each_line(path[i], join_line, NULL);
    each_line(path[4], japanese_line, NULL);
    for (size_t i = 0; i < sizeof(swapped) / sizeof(swapped[0]); i++) {
        const char *pair = swapped[i];
        uint32_t to = next_cp(&pair);
        join(next_cp(&pair), to);
    }
    each_line(path[3], less_usual_line, NULL);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        each_line(path[2], variant_line, (void *)(uintptr_t)fields[i]);
}

static bool better(uint32_t a, uint32_t b)
{
    if (simplified[a] != simplified[b])
        return simplified[a];
    if (frequency[a] != frequency[b])
        return frequency[a] > frequency[b];
    return a < b;
}

static void choose_representatives(void)
{
    for (uint32_t cp = 0; cp < CODES; cp++) {
        uint32_t r = root(cp);
        if (best[r] == 0 || better(cp, best[r]))
            best[r] = cp;
    }
}

static uint64_t class_frequency[CODES];

static int by_frequency(const void *pa, const void *pb)
{
    const uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    if (class_frequency[a] != class_frequency[b])
        return class_frequency[a] > class_frequency[b] ? -1 : 1;
    return a < b ? -1 : a > b;
}

static void mark_common(void)
{
    static uint32_t order[CODES];
    for (uint32_t cp = 0; cp < CODES; cp++) {
        order[cp] = cp;
        if (is_han(cp))
            class_frequency[best[root(shape[cp])]] += frequency[cp];
    }
    qsort(order, CODES, sizeof(order[0]), by_frequency);
    for (int i = 0; i < COMMON_MAX; i++)
        common[order[i]] = true;
}

static enum fold_role role_of(uint32_t cp)
{
    if (cp < 0x80 && cp != 0 && strchr(connectors, (int)cp))
        return ROLE_CONNECTOR;
    if (is_in(cp, dropped_marks) || is_mark(cp) || is_hidden(cp))
        return ROLE_DROPPED;
    if (is_in(cp, text_marks))
        return ROLE_TEXT;
    if (is_in(cp, separator_symbols) || is_picture(cp) || cp == FOLD_BAD)
        return ROLE_SEPARATOR;
    if (is_punctuation(cp) || is_space(cp) || is_break(cp))
        return ROLE_SEPARATOR;
    return ROLE_TEXT;
}

static enum fold_class class_of(uint32_t cp)
{
    utf8proc_category_t cat = utf8proc_category((utf8proc_int32_t)cp);
    if (is_han(cp))
        return CLASS_HAN;
    if (cp >= '0' && cp <= '9')
        return CLASS_DIGIT;
    if (cp < 0x80 && cp != 0 && strchr(points, (int)cp))
        return CLASS_POINT;
    if (is_space(cp))
        return CLASS_SPACE;
    if (is_break(cp))
        return CLASS_BREAK;
    if ((cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO) ||
        cat == UTF8PROC_CATEGORY_MC || cat == UTF8PROC_CATEGORY_ND)
        return CLASS_LETTER;
    return CLASS_SYMBOL;
}

static void make_entries(void)
{
    for (uint32_t cp = 0; cp < CODES; cp++) {
        uint32_t to = best[root(shape[cp])];
        uint32_t e = (to - cp) & FOLD_CP_MASK;
        e |= (uint32_t)role_of(to) << FOLD_ROLE_SHIFT | (uint32_t)class_of(to) << FOLD_CLASS_SHIFT;
        if ((to >= '0' && to <= '9') || (to >= 'a' && to <= 'z'))
            e |= FOLD_ALNUM;
        if (is_mark(to) || is_hidden(to))
            e |= FOLD_EXTEND;
        if (common[to])
            e |= FOLD_COMMON;
        entry[cp] = e;
    }
    for (uint32_t cp = 0; cp < CODES; cp++) {
        uint32_t to = entry_cp(entry[cp], cp);
        if (entry[to] != (entry[cp] & ~FOLD_CP_MASK)) {
            fprintf(stderr, "foldgen: U+%04X folds to U+%04X, which does not stay\n", cp, to);
            exit(1);
        }
    }
}

static void print_table(void)
{
    static uint32_t index[FOLD_PAGES];
    uint32_t hash = 2166136261u;
    printf("/* Written by foldgen. */\n#include \"../../src/analysis/fold.h\"\n\n");
    pages_print("fold", "uint32_t", entry, FOLD_PAGES, 1u << FOLD_PAGE_BITS, index);
    for (uint32_t cp = 0; cp < CODES; cp++)
        hash = (hash ^ entry[cp]) * 16777619u;
    printf("\nconst uint32_t fold_version = 0x%08xu;\n", hash);
}

int main(int argc, char **argv)
{
    if (argc != 9) {
        fprintf(stderr, "usage: foldgen WORDS RADICALS VARIANTS ST JP TS TW HK\n");
        return 2;
    }
    each_line(argv[2], radical_line, NULL);
    make_shapes();
    mark_set("GB2312", 0xff, simplified);
    mark_set("BIG5", 0xc6, traditional);
    each_line(argv[1], count_word, NULL);
    make_classes(argv + 1);
    choose_representatives();
    mark_common();
    make_entries();
    print_table();
    return fflush(stdout) == 0 ? 0 : 1;
}
