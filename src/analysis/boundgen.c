/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes the table of bound characters (bound_table.h) as C source: boundgen < prob_emit.py
 *
 * The input is the emission table of jieba's model for unknown words (python3-jieba, MIT licence):
 * the logarithms of how often each character was seen in a large text cut into words, at the
 * beginning (B), at the end (E) and in the middle (M) of a word, and as a word by itself (S):
 *
 *     P={'B': {'\u4e00': -3.6544978750449433,
 *            '\u4e01': -8.125041941842026,
 *
 * Each of the four adds up to one, so it is weighed by how common its state is. A character is
 * bound when it is a word by itself less often than characters are on average; so is one that the
 * input does not know. Characters that fold alike are counted together. This program runs on the
 * machine that builds.
 */

#include "bound_table.h"
#include "fold.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The share of each state among all places: where the chances of prob_trans.py, beside that file,
 * come to rest. */
static const struct state {
    char name;
    double share;
} states[] = {{'B', .288}, {'E', .288}, {'M', .161}, {'S', .264}};

#define AVERAGE .264

static double seen[BOUND_CHARS], single[BOUND_CHARS];

static const struct state *state_named(char name)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (states[i].name == name)
            return &states[i];
    fprintf(stderr, "boundgen: a state named %c\n", name);
    exit(1);
}

static void count(const struct state *state, unsigned cp, double logarithm)
{
    uint32_t at = entry_cp(fold_entry(cp), cp) - BOUND_FIRST;
    double share = state->share * exp(logarithm);
    if (at >= BOUND_CHARS)
        return;
    seen[at] += share;
    if (state->name == 'S')
        single[at] += share;
}

static unsigned read_table(FILE *in)
{
    const struct state *state = NULL;
    unsigned n = 0;
    char line[128];
    while (fgets(line, sizeof(line), in)) {
        const char *opens = strstr(line, "': {'"), *code = strstr(line, "'\\u");
        unsigned cp;
        double logarithm;
        if (opens && opens > line)
            state = state_named(opens[-1]);
        if (!state || !code || sscanf(code, "'\\u%4x': %lf", &cp, &logarithm) != 2)
            continue;
        count(state, cp, logarithm);
        n++;
    }
    return n;
}

static uint32_t bits_from(uint32_t at)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 32; i++)
        if (single[at + i] < AVERAGE * seen[at + i] || seen[at + i] <= 0)
            bits |= 1u << i;
    return bits;
}

int main(void)
{
    unsigned n = read_table(stdin);
    if (n < 20000) {
        fprintf(stderr, "boundgen: only %u characters, is that prob_emit.py?\n", n);
        return 1;
    }
    printf("/* Written by boundgen. */\n#include \"../../src/analysis/bound_table.h\"\n\n"
           "const uint32_t bound_bits[BOUND_CHARS / 32] = {\n");
    for (uint32_t at = 0; at < BOUND_CHARS; at += 32)
        printf("0x%x,%s", (unsigned)bits_from(at), at / 32 % 12 == 11 ? "\n" : "");
    printf("};\n");
    return fflush(stdout) == 0 ? 0 : 1;
}
