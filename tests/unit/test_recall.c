/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any piece of a bulletin finds it: pieces of 1 to 20 characters, cut at random out of the sample
 * bulletins (Traditional ones with readings among them) and out of random ones, and asked for in
 * quotes, find the bulletin they came from. The lexicon that they were indexed with is a small one
 * that knows few of their words; they are served once with that and once with another, which is
 * made of pieces of them. GONGBAO_SEED repeats a run; RECALL_FACTOR asks for so many times as many
 * pieces.
 */

#include "search_fixture.h"

#include "random_text.h"
#include <glob.h>

enum { PIECES = 400, RANDOM = 40, BULLETINS_MAX = 100 };

struct sample {
    struct dice dice;
    glob_t found;
    struct buf body[BULLETINS_MAX];
    char id[BULLETINS_MAX][8];
    const char *row[BULLETINS_MAX][3];
    size_t n;
};

/* Room for one more bulletin; seal ends it. */
static struct buf *begin(struct sample *sample)
{
    assert_true(sample->n < BULLETINS_MAX);
    buf_init(&sample->body[sample->n], 1 << 20);
    return &sample->body[sample->n];
}

static void seal(struct sample *sample)
{
    size_t i = sample->n++;
    buf_addc(&sample->body[i], '\0');
    snprintf(sample->id[i], sizeof(sample->id[i]), "b%zu", i);
    sample->row[i][0] = sample->id[i];
    sample->row[i][1] = "";
    sample->row[i][2] = sample->body[i].p;
}

static void load(struct sample *sample)
{
    *sample = (struct sample){.dice = dice_seeded()};
    assert_int_equal(glob("tests/data/bulletins/*.txt", 0, NULL, &sample->found), 0);
    assert_int_equal(glob("tests/data/bulletins/*/*.txt", GLOB_APPEND, NULL, &sample->found), 0);
    for (size_t i = 0; i < sample->found.gl_pathc && i + RANDOM < BULLETINS_MAX; i++) {
        assert_int_equal(file_read(sample->found.gl_pathv[i], begin(sample), NULL), ST_OK);
        seal(sample);
    }
    for (size_t i = 0; i < RANDOM; i++) {
        struct buf *body = begin(sample);
        do {
            buf_reset(body);
            random_bulletin(&sample->dice, body);
        } while (utf8_check(body->p, body->n) != body->n);
        seal(sample);
    }
}

static void unload(struct sample *sample)
{
    for (size_t i = 0; i < sample->n; i++)
        buf_fini(&sample->body[i]);
    globfree(&sample->found);
}

static struct str body_of(const struct sample *sample, size_t i)
{
    return str_from(sample->body[i].p, sample->body[i].n - 1);
}

/* A piece of text of some characters, ended by a line break or by max; whether it asks for
 * something and can be put between quotes. */
static bool cut_piece(struct dice *d, struct str text, struct str *piece)
{
    size_t at = utf8_floor(text.p, text.n, dice_below(d, text.n)), end = at;
    size_t want = 1 + dice_below(d, 20);
    struct an_text marks;
    bool worth = true;
    for (size_t i = 0; i < want && end < text.n && worth; i++) {
        uint32_t cp = 0;
        unsigned len = utf8_next(text.p + end, text.p + text.n, &cp);
        if (an_fold_char(cp) == '\n')
            break;
        worth = cp != '"';
        end += len;
    }
    *piece = str_from(text.p + at, end - at);
    an_text_init(&marks);
    assert_int_equal(an_fold_run(*piece, AN_VIEW_MARKS, &marks), ST_OK);
    worth = worth && marks.n > 0;
    an_text_fini(&marks);
    return worth;
}

/* Whether a query finds a document, on whatever page. */
static bool finds(struct shelf *s, const char *query, const char *id)
{
    struct srch_result r;
    const struct srch_request req = {.text = str_of(query), .limit = BULLETINS_MAX};
    arena_reset(&s->b.a);
    assert_int_equal(srch_search(s->srch, &req, &s->b.a, &r, &s->b.err), ST_OK);
    for (size_t i = 0; i < r.nhit; i++)
        if (str_eq(r.hit[i].doc.id, str_of(id)))
            return true;
    return false;
}

static size_t lost_pieces(struct shelf *s, struct sample *sample)
{
    const char *factor = getenv("RECALL_FACTOR");
    size_t lost = 0, asked = 0, pieces = PIECES * (factor ? strtoul(factor, NULL, 10) : 1);
    for (size_t i = 0; i < pieces; i++) {
        size_t from = dice_below(&sample->dice, sample->n);
        struct str piece;
        char *query;
        if (!cut_piece(&sample->dice, body_of(sample, from), &piece))
            continue;
        asked++;
        assert_true(asprintf(&query, "\"" STR_FMT "\"", STR_ARG(piece)) > 0);
        if (!finds(s, query, sample->row[from][0])) {
            print_error("%s does not find %s:\n%s\n", query, sample->row[from][0],
                        sample->row[from][2]);
            lost++;
        }
        free(query);
    }
    assert_true(asked > pieces / 2);
    return lost;
}

/* Another lexicon in the place of the one that the index was made with. */
static void change_lexicon(struct shelf *s, struct sample *sample)
{
    struct lex_builder *b;
    struct buf words;
    buf_init(&words, 1 << 20);
    for (size_t i = 0; i < sample->n; i++)
        random_words(&sample->dice, body_of(sample, i), 20, &words);
    assert_int_equal(lex_builder_new(an_lexicon_char, an_fold_version(), &b, NULL), ST_OK);
    assert_int_equal(lex_builder_words(b, buf_str(&words), "words", NULL), ST_OK);
    assert_int_equal(lex_builder_finish(b, s->b.lexicon, NULL), ST_OK);
    lex_builder_free(b);
    buf_fini(&words);
}

static void any_piece_in_quotes_finds_its_bulletin(void **state)
{
    (void)state;
    struct shelf s;
    struct sample sample;
    load(&sample);
    shelf_open(&s, 1);
    s.opts.relax_below = 0;
    shelf_fill(&s, 0, sample.row, sample.n);
    shelf_serve(&s);
    size_t lost = lost_pieces(&s, &sample);
    srch_close(s.srch);
    change_lexicon(&s, &sample);
    shelf_serve(&s);
    lost += lost_pieces(&s, &sample);
    shelf_close(&s);
    unload(&sample);
    assert_int_equal(lost, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_piece_in_quotes_finds_its_bulletin)};
    return RUN_TESTS(tests);
}
