/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao lexicon compile [--base FILE] [--user FILE]... [--out FILE]
 * gongbao lexicon compile --words FILE... [--aliases FILE]... [--user FILE]... --out FILE
 *
 * The second form makes a lexicon out of lists, as the Makefile does when it makes the base. The
 * first is for administrators: without options it combines the base that was installed with the
 * user words of this place into the lexicon that the programs use. Each list may be given several
 * times; user words are read last and stand over the others.
 */

#include "lexicon.h"

#include "cmd.h"
#include <getopt.h>
#include <gongbao/file.h>
#include <places.h> /* made by the Makefile */

#define LISTS_MAX 16

typedef enum st add_list(struct lex_builder *b, struct str text, const char *name, struct err *err);

struct lists {
    const char *path[LISTS_MAX];
    size_t n;
};

struct sources {
    struct lists words, user, aliases;
    const char *base; /* NULL: none */
    const char *out;
};

static enum st add_lists(struct lex_builder *b, const struct lists *lists, add_list *add,
                         struct err *err)
{
    enum st st = ST_OK;
    struct buf text;
    buf_init(&text, LEXICON_TEXT_MAX);
    for (size_t i = 0; i < lists->n && st == ST_OK; i++) {
        buf_reset(&text);
        st = file_read(lists->path[i], &text, err);
        if (st == ST_OK)
            st = add(b, buf_str(&text), lists->path[i], err);
    }
    buf_fini(&text);
    return st;
}

/* Nothing that is read is written over. */
static enum st check_out(const struct sources *s, struct err *err)
{
    const struct lists *all[] = {&s->words, &s->aliases, &s->user};
    enum st st = s->base ? lexicon_distinct(s->out, s->base, err) : ST_OK;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        for (size_t k = 0; k < all[i]->n && st == ST_OK; k++)
            st = lexicon_distinct(s->out, all[i]->path[k], err);
    return st;
}

static int compile(const struct sources *s)
{
    struct err err = ERR_INIT;
    struct lex_builder *b = NULL;
    enum st st = check_out(s, &err);
    if (st == ST_OK)
        st = s->base ? lexicon_builder(s->base, &b, &err)
                     : lex_builder_new(an_lexicon_char, an_fold_version(), &b, &err);
    if (st == ST_OK)
        st = add_lists(b, &s->words, lex_builder_words, &err);
    if (st == ST_OK)
        st = add_lists(b, &s->aliases, lex_builder_aliases, &err);
    if (st == ST_OK)
        st = add_lists(b, &s->user, lex_builder_user, &err);
    if (st == ST_OK)
        st = lexicon_write(b, s->out, &err);
    lex_builder_free(b);
    return st == ST_OK ? 0 : cmd_fail("lexicon compile", &err);
}

/* What was installed stands in for what is not said, unless lists are to be compiled. */
static bool complete(struct sources *s)
{
    if (s->words.n > 0)
        return !s->base && s->out;
    if (s->aliases.n > 0)
        return false;
    if (!s->base && s->user.n == 0)
        s->user.path[s->user.n++] = GONGBAO_WORDS;
    if (!s->base)
        s->base = GONGBAO_BASE;
    if (!s->out)
        s->out = GONGBAO_LEXICON;
    return true;
}

int lexicon_compile(int argc, char **argv)
{
    static const struct option options[] = {{"words", required_argument, NULL, 'w'},
                                            {"user", required_argument, NULL, 'u'},
                                            {"aliases", required_argument, NULL, 'a'},
                                            {"base", required_argument, NULL, 'b'},
                                            {"out", required_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct sources s = {0};
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        struct lists *l = c == 'w' ? &s.words : c == 'u' ? &s.user : c == 'a' ? &s.aliases : NULL;
        if (c == 'o')
            s.out = optarg;
        else if (c == 'b')
            s.base = optarg;
        else if (l && l->n < LISTS_MAX)
            l->path[l->n++] = optarg;
        else
            return lexicon_usage(c == 'h');
    }
    return optind == argc && complete(&s) ? compile(&s) : lexicon_usage(false);
}
