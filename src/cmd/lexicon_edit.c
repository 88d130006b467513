/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao lexicon add [--base FILE] [--user FILE] [--lexicon FILE] WORD [WEIGHT]
 * gongbao lexicon remove [--base FILE] [--user FILE] [--lexicon FILE] WORD
 *
 * Edit the file of user words, and compile the base and it into the lexicon that the programs use.
 *
 * All user words are read before anything is written, so a mistake anywhere in them stops the edit.
 * Then the user words are replaced, and then the lexicon, each atomically. Whoever is interrupted
 * between the two, or runs into a full disk, gives the same command again: it finds nothing to edit
 * and compiles. The folder of the user words is locked meanwhile (flock), so edits wait for each
 * other and the last lexicon written has the words of all of them.
 */

#include "lexicon.h"

#include "cmd.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <gongbao/file.h>
#include <places.h> /* made by the Makefile */
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct edit {
    const char *base, *user, *lexicon;
    struct lex_edit what;
    struct buf before, after; /* the user words */
    bool known;               /* the base has the word */
    bool changed;
};

/* ---- Files ---- */

/* The place that path names, symbolic links followed, so that the file is replaced and not a link
 * to it. The caller frees it. A file that is not there yet is its own place. */
static char *real_place(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : strdup(path);
}

/* Lock the folder that path is in until *fd is closed. */
static enum st lock_folder(const char *path, int *fd, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = !slash ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (!folder)
        return err_nomem(err);
    enum st st = ST_OK;
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        st = err_sys(err, "open", folder);
    while (st == ST_OK && flock(*fd, LOCK_EX) != 0)
        if (errno != EINTR)
            st = err_sys(err, "lock", folder);
    free(folder);
    return st;
}

/* The user words; none yet is no mistake. */
static enum st read_user(const char *path, struct buf *out, struct err *err)
{
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return ST_OK;
    return file_read(path, out, err);
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_mode & 0777 : 0644;
}

/* ---- Editing ---- */

static enum st look_up(struct edit *e, struct err *err)
{
    uint32_t key[LEX_WORD_MAX], n;
    struct lex_match m;
    struct lex *base = NULL;
    enum st st = lex_word_key(an_lexicon_char, e->what.word, key, &n, err);
    if (st == ST_OK)
        st = lex_open(e->base, &base, err);
    e->known = st == ST_OK && lex_find(base, key, n, &m);
    lex_close(base);
    return st;
}

static enum st edit_words(struct edit *e, struct err *err)
{
    if (e->what.how == LEX_REMOVE && !e->known)
        e->what.how = LEX_FORGET;
    enum st st = read_user(e->user, &e->before, err);
    if (st == ST_OK)
        st = lex_user_edit(an_lexicon_char, buf_str(&e->before), e->user, &e->what, &e->after,
                           &e->changed, err);
    return st;
}

static const char *outcome(const struct edit *e)
{
    if (!e->changed)
        return e->what.how == LEX_PUT ? "has it already" : "has nothing to change";
    return e->what.how == LEX_PUT      ? "it is there now"
           : e->what.how == LEX_REMOVE ? "it is taken away now"
                                       : "it is gone";
}

/* The user words are edited and the lexicon is not. */
static void say_half_done(const struct edit *e, struct err *err)
{
    struct err why = *err;
    err_set(err, why.st,
            "%s; %s is edited already: when that is put right, give the same command again, or "
            "gongbao lexicon compile",
            why.text, e->user);
}

static enum st write_both(struct edit *e, struct err *err)
{
    struct lex_builder *b = NULL;
    enum st st = lexicon_builder(e->base, &b, err);
    if (st == ST_OK)
        st = lex_builder_user(b, buf_str(&e->after), e->user, err);
    if (st == ST_OK && e->changed)
        st = file_replace(e->user, buf_str(&e->after), mode_of(e->user), err);
    if (st == ST_OK) {
        printf("%s: " STR_FMT ": %s\n", e->user, STR_ARG(e->what.word), outcome(e));
        st = lexicon_write(b, e->lexicon, err);
        if (st != ST_OK && e->changed)
            say_half_done(e, err);
    }
    lex_builder_free(b);
    return st;
}

static enum st edit(struct edit *e, struct err *err)
{
    int lock = -1;
    enum st st = lexicon_distinct(e->lexicon, e->base, err);
    if (st == ST_OK)
        st = lexicon_distinct(e->lexicon, e->user, err);
    if (st == ST_OK)
        st = lexicon_distinct(e->user, e->base, err);
    if (st == ST_OK)
        st = look_up(e, err);
    if (st == ST_OK)
        st = lock_folder(e->user, &lock, err);
    if (st == ST_OK)
        st = edit_words(e, err);
    if (st == ST_OK)
        st = write_both(e, err);
    if (lock >= 0)
        close(lock);
    if (st == ST_OK)
        printf(
            "%s: " STR_FMT ": %s\n"
            "Next: systemctl reload gongbaod, or SIGHUP to it. Batches take it from the next on.\n"
            "Segments that are there need not be built again: words rank, no hit is lost.\n",
            e->user, STR_ARG(e->what.word), outcome(e));
    return st;
}

static int run(const char *name, struct edit *e)
{
    struct err err = ERR_INIT;
    char *user = real_place(e->user), *lexicon = real_place(e->lexicon);
    enum st st = user && lexicon ? ST_OK : err_nomem(&err);
    e->user = user;
    e->lexicon = lexicon;
    buf_init(&e->before, LEXICON_TEXT_MAX);
    buf_init(&e->after, LEXICON_TEXT_MAX);
    if (st == ST_OK)
        st = edit(e, &err);
    buf_fini(&e->before);
    buf_fini(&e->after);
    free(user);
    free(lexicon);
    if (st == ST_OK && fflush(stdout) != 0)
        st = err_sys(&err, "write", "standard output");
    return st == ST_OK ? 0 : cmd_fail(name, &err);
}

/* A word with a dash before it, which getopt would take for options; NULL: none. */
static const char *dashed_word(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (argv[i][0] == '-' && (unsigned char)argv[i][1] >= 0x80)
            return argv[i];
    return NULL;
}

int lexicon_edit(int argc, char **argv)
{
    static const struct option options[] = {{"base", required_argument, NULL, 'b'},
                                            {"user", required_argument, NULL, 'u'},
                                            {"lexicon", required_argument, NULL, 'l'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    bool adds = strcmp(argv[0], "add") == 0;
    struct edit e = {.base = GONGBAO_BASE,
                     .user = GONGBAO_WORDS,
                     .lexicon = GONGBAO_LEXICON,
                     .what.how = adds ? LEX_PUT : LEX_REMOVE};
    const char *dashed = dashed_word(argc, argv);
    if (dashed) {
        fprintf(stderr,
                "gongbao lexicon %s: a word does not begin with -; "
                "gongbao lexicon remove %s takes it away\n",
                argv[0], dashed + 1);
        return 2;
    }
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        const char **path = c == 'b' ? &e.base : c == 'u' ? &e.user : c == 'l' ? &e.lexicon : NULL;
        if (!path)
            return lexicon_usage(c == 'h');
        *path = optarg;
    }
    if (optind >= argc || argc - optind > (adds ? 2 : 1))
        return lexicon_usage(false);
    e.what.word = str_of(argv[optind]);
    if (argc - optind == 2 &&
        (!str_u64(str_of(argv[optind + 1]), UINT32_MAX, &e.what.weight) || e.what.weight == 0)) {
        fprintf(stderr, "gongbao lexicon add: a weight is a number from 1 to %u, not %s\n",
                UINT32_MAX, argv[optind + 1]);
        return 2;
    }
    return run(adds ? "lexicon add" : "lexicon remove", &e);
}
