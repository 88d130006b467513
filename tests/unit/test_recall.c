/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any piece of a bulletin finds it: pieces of 1 to 20 characters, cut at random out of the sample
 * bulletins (Traditional ones with readings among them) and asked for in quotes, find the bulletin
 * they came from. The lexicon is a small one that knows few of their words. SEED repeats a run. */

#include "search_fixture.h"

#include <glob.h>
#include <gongbao/utf8.h>
#include <time.h>

enum { PIECES = 600, BULLETINS_MAX = 100 };

struct sample {
    glob_t found;
    struct buf body[BULLETINS_MAX];
    const char *row[BULLETINS_MAX][3];
    size_t n;
};

static void load(struct sample *sample)
{
    assert_int_equal(glob("tests/data/bulletins/*.txt", 0, NULL, &sample->found), 0);
    assert_int_equal(glob("tests/data/bulletins/*/*.txt", GLOB_APPEND, NULL, &sample->found), 0);
    for (size_t i = 0; i < sample->found.gl_pathc && i < BULLETINS_MAX; i++) {
        buf_init(&sample->body[i], 1 << 20);
        assert_int_equal(file_read(sample->found.gl_pathv[i], &sample->body[i], NULL), ST_OK);
        buf_addc(&sample->body[i], '\0');
        sample->row[i][0] = sample->found.gl_pathv[i];
        sample->row[i][1] = "";
        sample->row[i][2] = sample->body[i].p;
        sample->n++;
    }
}

static void unload(struct sample *sample)
{
    for (size_t i = 0; i < sample->n; i++)
        buf_fini(&sample->body[i]);
    globfree(&sample->found);
}

/* A piece of text of some characters, ended by a line break or by max; whether it is more than
 * white space. */
static bool cut_piece(struct str text, unsigned *seed, struct str *piece)
{
    static const char blank[] = " \t　";
    size_t at = utf8_floor(text.p, text.n, (size_t)rand_r(seed) % text.n);
    size_t want = 1 + (size_t)rand_r(seed) % 20, end = at;
    bool worth = false;
    for (size_t i = 0; i < want && end < text.n && text.p[end] != '\n'; i++) {
        uint32_t cp;
        unsigned len = utf8_next(text.p + end, text.p + text.n, &cp);
        worth = worth || !memmem(blank, sizeof(blank) - 1, text.p + end, len);
        end += len;
    }
    *piece = str_from(text.p + at, end - at);
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

static void any_piece_in_quotes_finds_its_bulletin(void **state)
{
    (void)state;
    struct shelf s;
    struct sample sample = {.n = 0};
    const char *given = getenv("SEED");
    unsigned seed = given ? (unsigned)atoi(given) : (unsigned)time(NULL), lost = 0;
    print_message("SEED=%u\n", seed);
    load(&sample);
    shelf_open(&s, 1);
    s.opts.relax_below = 0;
    shelf_fill(&s, 0, sample.row, sample.n);
    shelf_serve(&s);
    for (int i = 0; i < PIECES; i++) {
        size_t from = (size_t)rand_r(&seed) % sample.n;
        struct str piece, body = str_from(sample.body[from].p, sample.body[from].n - 1);
        if (!cut_piece(body, &seed, &piece))
            continue;
        char *query;
        assert_true(asprintf(&query, "\"" STR_FMT "\"", STR_ARG(piece)) > 0);
        if (!finds(&s, query, sample.row[from][0])) {
            print_error("%s does not find %s\n", query, sample.row[from][0]);
            lost++;
        }
        free(query);
    }
    shelf_close(&s);
    unload(&sample);
    assert_int_equal(lost, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_piece_in_quotes_finds_its_bulletin)};
    return RUN_TESTS(tests);
}
