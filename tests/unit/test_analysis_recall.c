/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The rule that everything rests on: any piece of a text, a line break not in it, finds the text.
 *
 * Texts are made at random and cut at random (random_text.h). What must hold of the tokens of a
 * text, and of a piece of it that is asked for in quotes, stands in ../fuzz/proof.h. Text and query
 * are analysed with any two of several lexicons: none, a small one, the real one when it has been
 * built, and some that are made of pieces of such texts. Lines longer than what is analysed at a
 * time are among the texts, and a real bulletin when it is there.
 *
 * GONGBAO_SEED repeats a run; RECALL_FACTOR makes it so many times as long.
 */

#include "harness.h"

#include "../fuzz/proof.h"
#include "analysis_util.h"
#include "random_text.h"

#define CUTS     12 /* of each text */
#define LEXICONS 6

struct room {
    struct dice dice;
    struct lex *lex[LEXICONS];
    struct an *an[LEXICONS];
    size_t n;
    struct proof proof;
    struct buf text;
};

/* Add a lexicon; NULL for none. */
static void add(struct room *r, struct lex *lex)
{
    assert_true(r->n < LEXICONS);
    r->lex[r->n] = lex;
    assert_int_equal(an_new(lex, &r->an[r->n], NULL), ST_OK);
    r->n++;
}

static void add_small(struct room *r)
{
    struct buf words;
    buf_init(&words, 1 << 20);
    assert_int_equal(file_read("tests/golden/words.txt", &words, NULL), ST_OK);
    buf_addz(&words, "卡拉OK 20\nB超 20\n于他 9\n家具 60\n关于 800\n");
    buf_addc(&words, '\0');
    add(r, lexicon_of(words.p, "傢俱\t家具\n"));
    buf_fini(&words);
}

static void add_real(struct room *r)
{
    const char *folder = getenv("GONGBAO_BIN");
    char path[PATH_MAX];
    struct lex *lex;
    snprintf(path, sizeof(path), "%s/gongbao.lex", folder ? folder : "build");
    if (lex_open(path, &lex, NULL) == ST_OK)
        add(r, lex);
    else
        print_message("no %s, left out\n", path);
}

/* Words that are pieces of texts like those that are to be analysed. */
static void add_random(struct room *r)
{
    struct buf words;
    buf_init(&words, 1 << 20);
    buf_reset(&r->text);
    for (int i = 0; i < 30; i++)
        random_bulletin(&r->dice, &r->text);
    random_nasty(&r->dice, 200, &r->text);
    random_words(&r->dice, buf_str(&r->text), 600, &words);
    buf_addc(&words, '\0');
    add(r, lexicon_of(words.p, ""));
    buf_fini(&words);
}

static int room_open(void **state)
{
    struct room *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    r->dice = dice_seeded();
    buf_init(&r->text, 4 << 20);
    proof_init(&r->proof);
    add(r, NULL);
    add_small(r);
    add_random(r);
    add_random(r);
    add_real(r);
    *state = r;
    return 0;
}

static int room_close(void **state)
{
    struct room *r = *state;
    for (size_t i = 0; i < r->n; i++) {
        an_free(r->an[i]);
        lex_close(r->lex[i]);
    }
    proof_fini(&r->proof);
    buf_fini(&r->text);
    free(r);
    return 0;
}

static size_t rounds(size_t usual)
{
    const char *factor = getenv("RECALL_FACTOR");
    return usual * (factor ? strtoul(factor, NULL, 10) : 1);
}

static void check_text(struct room *r, struct str text)
{
    size_t of_text = dice_below(&r->dice, r->n);
    proof_text(&r->proof, r->an[of_text], r->lex[of_text], text);
}

/* A copy of its own, so that a read past either end is seen; any lexicon. */
static void check_piece(struct room *r, struct str piece)
{
    if (piece.n == 0 || proof_has_break(piece))
        return;
    char *copy = malloc(piece.n);
    assert_non_null(copy);
    memcpy(copy, piece.p, piece.n);
    proof_piece(&r->proof, r->an[dice_below(&r->dice, r->n)], str_from(copy, piece.n));
    free(copy);
}

/* The text and some pieces of it. */
static void check(struct room *r, struct str text)
{
    check_text(r, text);
    for (int i = 0; i < CUTS && text.n > 0; i++)
        check_piece(r, random_piece(&r->dice, text, r->proof.begins, dice_below(&r->dice, text.n),
                                    dice_once_in(&r->dice, 6) ? 80 : 20));
}

static void nasty_texts(void **state)
{
    struct room *r = *state;
    for (size_t round = 0; round < rounds(8000); round++) {
        buf_reset(&r->text);
        random_nasty(&r->dice, 1 + dice_below(&r->dice, 14), &r->text);
        check(r, buf_str(&r->text));
    }
    assert_true(r->proof.asked > rounds(8000));
}

static void bulletins(void **state)
{
    struct room *r = *state;
    for (size_t round = 0; round < rounds(2500); round++) {
        buf_reset(&r->text);
        random_bulletin(&r->dice, &r->text);
        check(r, buf_str(&r->text));
    }
    assert_true(r->proof.asked > rounds(2500));
}

/* Lines of more than twice what is analysed at a time: one character again and again, readings
 * everywhere, letters alone, a bulletin with and without marks, and what is nasty. */
static void long_line(struct room *r, size_t kind)
{
    static const char *const same[] = {"强", "調(diào)", "a", "a·", "長(cha\xcc\x81ng) ", "1"};
    struct hand h = random_hand(&r->dice);
    buf_reset(&r->text);
    if (kind < COUNT_OF(same)) {
        for (size_t n = 9000 + dice_below(&r->dice, 60); n > 0; n--)
            buf_addz(&r->text, dice_once_in(&r->dice, 50) ? "強(qiáng)" : same[kind]);
        return;
    }
    if (kind == COUNT_OF(same))
        random_nasty(&r->dice, 9000, &r->text);
    else
        random_line(&r->dice, &h, 1600, kind % 2, &r->text);
}

static void long_texts(void **state)
{
    struct room *r = *state;
    for (size_t round = 0; round < rounds(9); round++) {
        long_line(r, round % 9);
        struct str text = buf_str(&r->text);
        check_text(r, text);
        for (size_t at = 0; at < text.n; at += 1 + dice_below(&r->dice, 200))
            check_piece(r, random_piece(&r->dice, text, r->proof.begins, at, 24));
    }
}

static void real_texts(void **state)
{
    struct room *r = *state;
    struct buf text = shared_file("corpus/bulletin-lishui.txt");
    struct str rest = buf_str(&text);
    if (rest.n == 0)
        print_message("no corpus/bulletin-lishui.txt in the shared data, left out\n");
    while (rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        for (size_t i = 0; i < rounds(10) && line.n > 0; i++)
            check(r, line);
    }
    buf_fini(&text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, room_open, room_close)
    const struct CMUnitTest tests[] = {
        TEST(nasty_texts),
        TEST(bulletins),
        TEST(long_texts),
        TEST(real_texts),
    };
    return RUN_TESTS(tests);
}
