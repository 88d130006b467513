/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_FUZZ_SOME_LEXICONS_H
#define GONGBAO_FUZZ_SOME_LEXICONS_H

/* A few small lexicons that disagree as much as they can, each with an analyzer: none, ordinary
 * words, and words that ordinary ones never are: of letters and digits, with spellings of their
 * own, long, overlapping. A fuzzer opens them once. Included behind proof.h. */

#include <gongbao/lexicon.h>
#include <unistd.h>

#define SOME_LEXICONS 3

struct some_lexicons {
    struct lex *lex[SOME_LEXICONS];
    struct an *an[SOME_LEXICONS];
};

/* Word and alias lists, compiled to a file that is gone when it is open. */
static inline struct lex *some_lexicon(const char *words, const char *aliases)
{
    char path[] = "/tmp/fuzz-XXXXXX";
    struct lex_builder *b;
    struct lex *lex = NULL;
    int fd = mkstemp(path);
    PROVE(NULL, fd >= 0);
    PROVE(NULL, lex_builder_new(an_lexicon_char, an_fold_version(), &b, NULL) == ST_OK);
    PROVE(NULL, lex_builder_words(b, str_of(words), "words", NULL) == ST_OK);
    PROVE(NULL, lex_builder_aliases(b, str_of(aliases), "aliases", NULL) == ST_OK);
    PROVE(NULL, lex_builder_finish(b, path, NULL) == ST_OK);
    PROVE(NULL, lex_open(path, &lex, NULL) == ST_OK);
    lex_builder_free(b);
    unlink(path);
    close(fd);
    return lex;
}

#define ORDINARY_WORDS                                                                                           \
    "的 3000\n在 1500\n要 900\n经济 1200\n发展 1200\n高质量 600\n质量 500\n强调 500\n会议 500\n" \
    "市委 300\n书记 300\n市委书记 200\n部署 300\n工作 900\n三大 100\n战略 300\n任务 400\n"     \
    "关于 800\n乾隆 50\n著作 80\n家具 60\n主持 300\n"

#define STRANGE_WORDS                                                                                                        \
    "a 9\nab 900\nb1 90\n5 80\n5+5 70\n+ 60\n年1 500\n卡拉OK 20\nB超 20\n于他 9\n调于 900\n"                         \
    "强 1\n质强 900\n质质 800\n干隆 7\n乾隆 8\n月3 60\n二〇 50\n年a年 5\n长长长长长长长长长长长长" \
    "长长长长 900\n的的的 1\n"

static inline void some_lexicons_open(struct some_lexicons *s)
{
    if (s->an[0])
        return;
    s->lex[1] = some_lexicon(ORDINARY_WORDS, "傢俱\t家具\n");
    s->lex[2] = some_lexicon(STRANGE_WORDS, "乾乾\t乾隆\n");
    for (size_t i = 0; i < SOME_LEXICONS; i++)
        PROVE(NULL, an_new(s->lex[i], &s->an[i], NULL) == ST_OK);
}

#endif
