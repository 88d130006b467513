/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Building lexicons out of others, for the sub-commands of gongbao lexicon.
 *
 * What is written to be used is opened and held against its checksum at once: this is the one
 * moment at which a lexicon is read whole, for a daemon that opens it looks at its structure only.
 * A variant for trying something out is compiled into a temporary folder, mapped, and unlinked.
 */

#include "lexicon.h"

#include <gongbao/file.h>
#include <inttypes.h>
#include <places.h> /* made by the Makefile */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *lexicon_default(char path[PATH_MAX])
{
    static const char name[] = "gongbao.lex";
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof(name));
    while (n > 0 && path[n - 1] != '/')
        n--;
    if (n <= 0)
        return GONGBAO_LEXICON;
    memcpy(path + n, name, sizeof(name));
    return access(path, R_OK) == 0 ? path : GONGBAO_LEXICON;
}

enum st lexicon_distinct(const char *out, const char *in, struct err *err)
{
    struct stat a, b;
    bool there = stat(out, &a) == 0 && stat(in, &b) == 0;
    if (there ? a.st_dev != b.st_dev || a.st_ino != b.st_ino : strcmp(out, in) != 0)
        return ST_OK;
    return err_set(err, ST_USAGE, "%s would be written over %s, which it is made of", out, in);
}

enum st lexicon_check(const char *path, struct lex_info *info, struct err *err)
{
    struct lex *lex = NULL;
    enum st st = lex_open(path, &lex, err);
    if (st != ST_OK)
        return st;
    lex_info(lex, info);
    st = lex_verify(lex, err);
    if (st == ST_OK && info->fold != an_fold_version())
        st = err_set(err, ST_DAMAGED, "compiled with other fold tables: compile it again");
    if (st != ST_OK)
        err_prefix(err, "%s", path);
    lex_close(lex);
    return st;
}

enum st lexicon_builder(const char *base, struct lex_builder **out, struct err *err)
{
    struct lex_builder *b = NULL;
    struct lex *lex = NULL;
    struct lex_info info;
    enum st st = lexicon_check(base, &info, err);
    if (st == ST_OK)
        st = lex_open(base, &lex, err);
    if (st == ST_OK)
        st = lex_builder_new(an_lexicon_char, an_fold_version(), &b, err);
    if (st == ST_OK)
        st = lex_builder_base(b, lex, err);
    lex_close(lex);
    if (st != ST_OK) {
        lex_builder_free(b);
        return st;
    }
    *out = b;
    return ST_OK;
}

enum st lexicon_write(struct lex_builder *b, const char *path, struct err *err)
{
    struct lex_info info;
    enum st st = lex_builder_finish(b, path, err);
    if (st == ST_OK)
        st = lexicon_check(path, &info, err);
    if (st == ST_OK && printf("%s: words=%" PRIu32 " bytes=%" PRIu64 " stamp=%016" PRIx64 "\n",
                              path, info.words, info.bytes, info.stamp) < 0)
        st = err_sys(err, "write", "standard output");
    return st;
}

static enum st open_compiled(struct lex_builder *b, const char *folder, struct lex **out,
                             struct err *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/gongbao.lex", folder) < 0)
        return err_nomem(err);
    enum st st = lex_builder_finish(b, path, err);
    if (st == ST_OK)
        st = lex_open(path, out, err);
    free(path);
    return st;
}

enum st lexicon_variant(const char *path, struct str text, struct lex **out, struct err *err)
{
    const char *where = getenv("TMPDIR");
    char *folder = NULL;
    struct lex_builder *b = NULL;
    if (asprintf(&folder, "%s/gongbao-XXXXXX", where && *where ? where : "/tmp") < 0)
        return err_nomem(err);
    if (!mkdtemp(folder)) {
        enum st st = err_sys(err, "create", folder);
        free(folder);
        return st;
    }
    enum st st = lexicon_builder(path, &b, err);
    if (st == ST_OK)
        st = lex_builder_user(b, text, "the word", err);
    if (st == ST_OK)
        st = open_compiled(b, folder, out, err);
    lex_builder_free(b);
    file_remove_tree(folder, NULL);
    free(folder);
    return st;
}
