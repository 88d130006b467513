/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes the reading table (reading_table.h) as C source: readgen < Unihan_Readings.txt
 *
 * Which syllables there are is taken from the two dictionaries of today's standard Chinese among
 * Unihan's sources (kXHC1983, kTGHZ2013); older readings (kHanyuPinyin) count for a character only
 * if they are among those. The r that 儿 adds to a syllable (花儿 huār) is in no dictionary as a
 * reading, and is one here. A character's usual reading (kMandarin) stands first in its list, those
 * of old alone last, and marked. This program runs on the machine that builds.
 */

#include "pages.h"
#include "pinyin.h"
#include "reading_table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define SYLLABLES_MAX 1024
#define PER_CHAR      24
#define CODES         0x40000u

static char syllable[SYLLABLES_MAX][8];
static unsigned nsyllable;
enum rank { USUAL, MODERN, OLD, RANKS };
static struct {
    char name[PER_CHAR][8];
    enum rank rank[PER_CHAR];
    unsigned n;
} readings[CODES];
static uint32_t place[CODES];
static uint16_t set[65536];
static unsigned nset = 1;

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int find(const char *name)
{
    const char *at = bsearch(name, syllable, nsyllable, sizeof(syllable[0]), by_name);
    return at ? (int)((at - syllable[0]) / (int)sizeof(syllable[0])) : -1;
}

static void add_syllable(const char *name)
{
    for (unsigned i = 0; i < nsyllable; i++)
        if (strcmp(syllable[i], name) == 0)
            return;
    if (nsyllable == SYLLABLES_MAX)
        return;
    strcpy(syllable[nsyllable++], name);
}

static void add_reading(uint32_t cp, const char *name, enum rank rank)
{
    unsigned i = 0;
    while (i < readings[cp].n && strcmp(readings[cp].name[i], name) != 0)
        i++;
    if (i == PER_CHAR)
        return;
    if (i == readings[cp].n) {
        strcpy(readings[cp].name[readings[cp].n++], name);
        readings[cp].rank[i] = rank;
    } else if (rank < readings[cp].rank[i]) {
        readings[cp].rank[i] = rank;
    }
}

/* Take every run of pinyin letters in a field's value. */
static void take_value(uint32_t cp, const char *value, enum rank rank)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)value;
    char name[8] = "";
    size_t n = 0;
    for (;;) {
        utf8proc_int32_t c = 0;
        bool tone;
        utf8proc_ssize_t len = utf8proc_iterate(p, -1, &c);
        char base = len > 0 ? pinyin_letter((uint32_t)c, &tone) : 0;
        if (base && n < sizeof(name) - 1) {
            name[n++] = base;
            name[n] = '\0';
        } else if (len > 0 && pinyin_mark((uint32_t)c) == PINYIN_OTHER && n > 0) {
            if (rank == MODERN)
                add_syllable(name);
            add_reading(cp, name, rank);
            n = 0;
        }
        if (len <= 0 || c == 0)
            return;
        p += len;
    }
}

static void read_unihan(FILE *in)
{
    static const struct {
        const char *name;
        enum rank rank;
    } fields[] = {
        {"kMandarin", USUAL}, {"kHanyuPinyin", OLD}, {"kXHC1983", MODERN}, {"kTGHZ2013", MODERN}};
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, in) > 0) {
        unsigned cp;
        char field[32];
        int at = 0;
        if (sscanf(line, "U+%x %31s %n", &cp, field, &at) != 2 || cp >= CODES)
            continue;
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
            if (strcmp(field, fields[i].name) == 0)
                take_value(cp, line + at, fields[i].rank);
    }
    free(line);
}

/* The place of a list of syllables in the pool; equal lists are kept once. */
static unsigned place_of(const uint16_t *ids, unsigned n)
{
    for (unsigned at = 1; at + n <= nset; at++)
        if (memcmp(set + at, ids, n * sizeof(*ids)) == 0)
            return at;
    if (nset + n > sizeof(set) / sizeof(set[0])) {
        fprintf(stderr, "readgen: too many lists of readings\n");
        exit(1);
    }
    memcpy(set + nset, ids, n * sizeof(*ids));
    nset += n;
    return nset - n;
}

static void make_sets(void)
{
    for (uint32_t cp = 0; cp < CODES; cp++) {
        uint16_t ids[PER_CHAR];
        unsigned n = 0;
        for (unsigned rank = 0; rank < RANKS; rank++)
            for (unsigned i = 0; i < readings[cp].n; i++) {
                int id = readings[cp].rank[i] == rank ? find(readings[cp].name[i]) : -1;
                if (id >= 0)
                    ids[n++] = (uint16_t)((unsigned)id | (rank == OLD ? READING_OLD : 0));
            }
        if (n > 0) {
            ids[n - 1] |= READING_LAST;
            place[cp] = place_of(ids, n);
        }
    }
}

int main(void)
{
    static uint32_t index[READING_PAGES];
    read_unihan(stdin);
    take_value(U'儿', "r ", MODERN);
    take_value(U'兒', "r ", MODERN);
    qsort(syllable, nsyllable, sizeof(syllable[0]), by_name);
    make_sets();
    if (nsyllable < 390 || nset < 1000) {
        fprintf(stderr, "readgen: only %u syllables, is that Unihan_Readings.txt?\n", nsyllable);
        return 1;
    }
    printf("/* Written by readgen. */\n#include \"../../src/analysis/reading_table.h\"\n\n"
           "const char reading_syllable[][8] = {\n");
    for (unsigned i = 0; i < nsyllable; i++)
        printf("\"%s\",%s", syllable[i], i % 12 == 11 ? "\n" : "");
    printf("};\nconst unsigned reading_syllables = %u;\n\n", nsyllable);
    pages_print("reading", "uint16_t", place, READING_PAGES, 1u << READING_PAGE_BITS, index);
    printf("const uint16_t reading_set[] = {");
    for (unsigned i = 0; i < nset; i++)
        printf("%u,%s", set[i], i % 16 == 15 ? "\n" : "");
    printf("};\n");
    return fflush(stdout) == 0 ? 0 : 1;
}
