/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CMD_LEXICON_H
#define GONGBAO_CMD_LEXICON_H

/* What the sub-commands of gongbao lexicon share. Each takes its own name as argv[0] and returns
 * the exit status. */

#include <gongbao/analysis.h>
#include <gongbao/lexicon.h>
#include <limits.h>

int lexicon_compile(int argc, char **argv);
int lexicon_edit(int argc, char **argv); /* add and remove */
int lexicon_test(int argc, char **argv);
int lexicon_mine(int argc, char **argv);

/* Print how gongbao lexicon is used, because somebody asked or did it wrong; the exit status. */
int lexicon_usage(bool asked);

#define LEXICON_TEXT_MAX ((size_t)256 << 20) /* of a list or a file of user words */

/* Whether the file is a whole lexicon that this program can use: opened, held against its checksum,
 * and of the fold that is compiled in. ST_IO, ST_DAMAGED; the text names the file. */
enum st lexicon_check(const char *path, struct lex_info *info, struct err *err);

/* The lexicon when none is named: the gongbao.lex beside the program, as in a build tree, otherwise
 * the one that was installed. */
const char *lexicon_default(char path[PATH_MAX]);

/* Whether what is written at out would take the place of what was read from in, also through links:
 * ST_USAGE names both. */
enum st lexicon_distinct(const char *out, const char *in, struct err *err);

/* A builder that knows the words of the compiled lexicon at base. */
enum st lexicon_builder(const char *base, struct lex_builder **out, struct err *err);

/* Write the builder's lexicon at path, check it, and say on standard output what it is. */
enum st lexicon_write(struct lex_builder *b, const char *path, struct err *err);

/* Open a lexicon with one word edited: that of the file at path, and text on top as user words. No
 * file is left behind. */
enum st lexicon_variant(const char *path, struct str text, struct lex **out, struct err *err);

#endif
