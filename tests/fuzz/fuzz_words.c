/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any text as a list of words and one of aliases behind it, and as user words.
 *
 * A refusal names the list and a line that is in it. What is taken compiles to a file that opens
 * and has the right checksum. Compiling takes long, so only some inputs get that far, by their sum.
 * User words that are edited are user words again, and the same edit finds nothing more to do.
 */

#include "proof.h"
#include <gongbao/lexicon.h>
#include <gongbao/sum.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COMPILED 200 /* one input in so many */

static size_t lines(struct str s)
{
    size_t n = 1;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

/* The place that an error names, "list:12: ...", is in the text. */
static void prove_refusal(struct str text, const struct err *err)
{
    size_t line = 0;
    PROVE(NULL, err->st == ST_REJECTED && sscanf(err->text, "list:%zu: ", &line) == 1);
    PROVE(NULL, line >= 1 && line <= lines(text));
}

static void prove_compiles(struct lex_builder *b)
{
    char path[] = "/tmp/fuzz-XXXXXX";
    struct err err = ERR_INIT;
    struct lex *lex;
    struct an *an;
    int fd = mkstemp(path);
    PROVE(NULL, fd >= 0);
    close(fd);
    enum st st = lex_builder_finish(b, path, &err);
    PROVE(NULL, st == ST_OK || st == ST_REJECTED);
    if (st == ST_OK) {
        PROVE(NULL, lex_open(path, &lex, &err) == ST_OK && lex_verify(lex, &err) == ST_OK);
        PROVE(NULL, an_new(lex, &an, &err) == ST_OK);
        an_free(an);
        lex_close(lex);
    }
    unlink(path);
}

/* Read text as user words; a refusal names a line of it. */
static enum st read_user(struct str text)
{
    struct lex_builder *b;
    struct err err = ERR_INIT;
    PROVE(NULL, lex_builder_new(an_lexicon_char, an_fold_version(), &b, &err) == ST_OK);
    enum st st = lex_builder_user(b, text, "list", &err);
    if (st != ST_OK)
        prove_refusal(text, &err);
    lex_builder_free(b);
    return st;
}

static enum st edit_user(struct str text, const struct lex_edit *edit, struct buf *out,
                         bool *changed)
{
    struct err err = ERR_INIT;
    buf_init(out, 1 << 20);
    enum st st = lex_user_edit(an_lexicon_char, text, "list", edit, out, changed, &err);
    PROVE(NULL, st == ST_OK || (st == ST_REJECTED && err.text[0]));
    return st;
}

/* The word is the first line, the rest are the user words. */
static void prove_user(struct str text, unsigned choice)
{
    struct lex_edit edit = {.word = str_cut(&text, '\n'), .weight = choice / 3 % 2 * 500};
    struct buf once, twice;
    bool changed;
    edit.how = choice % 3 == 0 ? LEX_PUT : choice % 3 == 1 ? LEX_REMOVE : LEX_FORGET;
    enum st st = read_user(text);
    if (edit_user(text, &edit, &once, &changed) == ST_OK) {
        PROVE(NULL, st == ST_OK && read_user(buf_str(&once)) == ST_OK);
        PROVE(NULL, edit_user(buf_str(&once), &edit, &twice, &changed) == ST_OK && !changed);
        buf_fini(&twice);
    }
    buf_fini(&once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct str text = str_from((const char *)data + 1, size - 1);
    struct str words = str_from(text.p, data[0] < text.n ? data[0] : text.n);
    struct str aliases = str_from(text.p + words.n, text.n - words.n);
    struct lex_builder *b;
    struct err err = ERR_INIT;
    PROVE(NULL, lex_builder_new(an_lexicon_char, an_fold_version(), &b, &err) == ST_OK);
    if (lex_builder_words(b, words, "list", &err) != ST_OK)
        prove_refusal(words, &err);
    else if (lex_builder_aliases(b, aliases, "list", &err) != ST_OK)
        prove_refusal(aliases, &err);
    else if (sum64_of(str_from((const char *)data, size)) % COMPILED == 0)
        prove_compiles(b);
    lex_builder_free(b);
    prove_user(text, data[0]);
    return 0;
}
