/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CMD_COMPARE_H
#define GONGBAO_CMD_COMPARE_H

/* How two lexicons cut the same lines into words.
 *
 *     compare_init(&c, without, with, key, n);
 *     compare_lines(&c, text, "note.txt", &err);
 *     ... c.lines, c.found, c.changed ...
 */

#include <gongbao/analysis.h>

/* The words of one line, as [start, end) in bytes. */
struct cut_word {
    uint32_t start, end;
    bool guess; /* is no word of the lexicon: a name, an unknown word */
};

struct cut_line {
    struct cut_word *word;
    size_t n, cap;
};

struct compare {
    struct an *an[2]; /* without the word, and with it */
    struct cut_line cut[2];
    struct an_text fold; /* of the line in hand */
    struct an_text key;  /* the word */
    size_t lines;        /* seen */
    size_t found;        /* with the word in them */
    size_t changed;      /* of these: cut otherwise */
};

/* Everything is borrowed. */
void compare_init(struct compare *c, struct an *without, struct an *with, uint32_t *key, size_t n);
void compare_fini(struct compare *c);

/* Compare each line of text that has the word. A line that changes is printed on standard output:
 * "NAME:NUMBER", and the neighbourhood of the change without ("-") and with ("+") the word.
 * ST_NO_MEMORY, ST_IO. */
enum st compare_lines(struct compare *c, struct str text, const char *name, struct err *err);

#endif
