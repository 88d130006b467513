/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_TESTS_ANALYSIS_UTIL_H
#define GONGBAO_TESTS_ANALYSIS_UTIL_H

/* What the tests of lexicon and analysis share. */

#include "harness.h"

#include <gongbao/analysis.h>
#include <gongbao/file.h>
#include <gongbao/lexicon.h>
#include <gongbao/utf8.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Compile word and alias lists into a temporary file and open it. */
static inline struct lex *lexicon_of(const char *words, const char *aliases)
{
    char path[PATH_MAX], *folder = harness_folder();
    struct err err = ERR_INIT;
    struct lex_builder *b;
    struct lex *lex = NULL;
    snprintf(path, sizeof(path), "%s/words.lex", folder);
    assert_int_equal(lex_builder_new(an_lexicon_char, an_fold_version(), &b, &err), ST_OK);
    assert_int_equal(lex_builder_words(b, str_of(words), "words", &err), ST_OK);
    assert_int_equal(lex_builder_aliases(b, str_of(aliases), "aliases", &err), ST_OK);
    assert_int_equal(lex_builder_finish(b, path, &err), ST_OK);
    lex_builder_free(b);
    assert_int_equal(lex_open(path, &lex, &err), ST_OK);
    assert_int_equal(file_remove_tree(folder, NULL), ST_OK);
    free(folder);
    return lex;
}

/* The folded characters as UTF-8, NUL-terminated, in a buffer of the caller's. */
static inline const char *utf8_of(const uint32_t *cp, size_t n, char *out, size_t cap)
{
    size_t len = 0;
    for (size_t i = 0; i < n && len + 5 < cap; i++)
        len += utf8_put(cp[i], out + len);
    out[len] = '\0';
    return out;
}

/* A file of the shared data, or an empty buffer when it is not there. */
static inline struct buf shared_file(const char *name)
{
    const char *dir = getenv("GONGBAO_DATA");
    char path[512];
    struct buf b;
    buf_init(&b, 1 << 26);
    snprintf(path, sizeof(path), "%s/%s", dir ? dir : "../shared", name);
    if (file_read(path, &b, NULL) != ST_OK)
        buf_reset(&b);
    return b;
}

#endif
