/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A lexicon that was cut or has a wrong bit: refused with a reason, or used without harm.
 *
 * A small lexicon is cut at every length, and lengthened, and bits of it are flipped in turn.
 * Opening refuses what it can see; where it lets damage through, the checksum tells, and nothing
 * outside the file is read while a text is analysed. Behind the head one bit in some is taken, or
 * with DAMAGE_ALL set each.
 */

#include "harness.h"

#include "analysis_util.h"

static const char words[] = "乾隆 3\n著作 4\n中华 5\n中华人民 2\n国家 9\na 3\nb超 4\n";
static const char aliases[] = "國家隊\t国家\n";
static const char some_text[] = "乾隆著作，中华人民國家，B超a";

#define HEAD 256 /* header, section table, and what they lead to first */
#define SOME 31  /* a bit of any kind in time */

struct damaged {
    struct buf file;
    int fd; /* a file without a name that holds it */
    char path[64];
};

static void put(struct damaged *d, size_t at, size_t n)
{
    assert_int_equal(pwrite(d->fd, d->file.p + at, n, (off_t)at), n);
}

static int set_up(void **state)
{
    struct damaged *d = calloc(1, sizeof(*d));
    char *folder = harness_folder(), *path = NULL;
    struct lex_builder *b;
    assert_non_null(d);
    assert_true(asprintf(&path, "%s/words.lex", folder) > 0);
    buf_init(&d->file, 1 << 24);
    assert_int_equal(lex_builder_new(an_lexicon_char, an_fold_version(), &b, NULL), ST_OK);
    assert_int_equal(lex_builder_words(b, str_of(words), "w", NULL), ST_OK);
    assert_int_equal(lex_builder_aliases(b, str_of(aliases), "a", NULL), ST_OK);
    assert_int_equal(lex_builder_finish(b, path, NULL), ST_OK);
    assert_int_equal(file_read(path, &d->file, NULL), ST_OK);
    lex_builder_free(b);
    assert_int_equal(file_remove_tree(folder, NULL), ST_OK);
    free(folder);
    free(path);
    d->fd = memfd_create("lexicon", MFD_CLOEXEC);
    assert_true(d->fd >= 0);
    snprintf(d->path, sizeof(d->path), "/proc/self/fd/%d", d->fd);
    put(d, 0, d->file.n);
    *state = d;
    return 0;
}

static int tear_down(void **state)
{
    struct damaged *d = *state;
    close(d->fd);
    buf_fini(&d->file);
    free(d);
    return 0;
}

static enum st look_up(void *ctx, const struct an_token *tok, size_t n)
{
    uint64_t *sum = ctx;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < tok[i].ncp; k++)
            *sum += tok[i].cp[k];
    return ST_OK;
}

/* Analyse with it, whether it is damaged or not. */
static void use(struct lex *lex)
{
    struct an *an;
    uint64_t sum = 0;
    if (an_new(lex, &an, NULL) != ST_OK)
        return; /* its fold is not ours any more */
    assert_int_equal(an_analyze(an, str_of(some_text), look_up, &sum), ST_OK);
    assert_true(sum > 0);
    an_free(an);
}

/* Whether it opens. A refusal has a reason that names the file. */
static bool opens(struct damaged *d, struct lex **lex)
{
    struct err err = ERR_INIT;
    enum st st = lex_open(d->path, lex, &err);
    if (st == ST_OK)
        return true;
    assert_int_equal(st, ST_DAMAGED);
    assert_non_null(strstr(err.text, d->path));
    return false;
}

static void the_file_as_it_is(void **state)
{
    struct lex *lex;
    assert_true(opens(*state, &lex));
    assert_int_equal(lex_verify(lex, NULL), ST_OK);
    use(lex);
    lex_close(lex);
}

static void cut_at_every_length(void **state)
{
    struct damaged *d = *state;
    struct lex *lex;
    for (size_t n = d->file.n; n-- > 0;) {
        assert_int_equal(ftruncate(d->fd, (off_t)n), 0);
        assert_false(opens(d, &lex));
    }
}

static void lengthened(void **state)
{
    struct damaged *d = *state;
    struct lex *lex;
    for (size_t more = 1; more < 100000; more *= 3) {
        assert_int_equal(ftruncate(d->fd, (off_t)(d->file.n + more)), 0);
        assert_false(opens(d, &lex));
    }
}

static void flip(struct damaged *d, size_t at, int bit)
{
    d->file.p[at] = (char)(d->file.p[at] ^ 1 << bit);
    put(d, at, 1);
}

static void bits_flipped(void **state)
{
    struct damaged *d = *state;
    bool all = getenv("DAMAGE_ALL") != NULL;
    size_t opened = 0;
    for (size_t at = 0; at < d->file.n; at++) {
        for (int bit = 0; bit < 8; bit++) {
            struct lex *lex;
            if (!all && at >= HEAD && (at * 8 + (size_t)bit) % SOME != 0)
                continue;
            flip(d, at, bit);
            if (opens(d, &lex)) {
                assert_int_equal(lex_verify(lex, NULL), ST_DAMAGED);
                use(lex);
                lex_close(lex);
                opened++;
            }
            flip(d, at, bit);
        }
    }
    assert_true(opened > 0 && opened < 8 * d->file.n);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_file_as_it_is),
        TEST(cut_at_every_length),
        TEST(lengthened),
        TEST(bits_flipped),
    };
    return RUN_TESTS(tests);
}
