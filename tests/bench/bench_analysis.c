/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How fast text is analysed, and where the time goes: bench_analysis LEXICON FILE.jsonl.gz
 *
 * The bodies of the file are analysed one by one, as ingest does it; the time is CPU time of this
 * process, the best of ROUNDS rounds, in each of which all rows take their turn, so that a
 * neighbour on the machine disturbs all alike. The sink of the full rows counts tokens and makes
 * nothing of them. The stages cannot be timed alone in the analyzer, so each is the difference
 * between a row that has it and one that has not; the lexicon's row looks every place of the folded
 * text up.
 */

#include <gongbao/analysis.h>
#include <gongbao/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#define ROUNDS   5
#define LINE_CAP (1 << 24)
#define TEXT_CAP ((size_t)1 << 30)

struct corpus {
    struct buf text; /* bodies, one after another */
    size_t *end;     /* of each body */
    size_t n, cap;
};

static void die(const char *what)
{
    fprintf(stderr, "bench_analysis: %s\n", what);
    exit(1);
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add_body(struct corpus *c, struct str line, struct arena *a)
{
    const struct json *doc, *body = NULL;
    arena_reset(a);
    if (json_parse(line, a, &doc, NULL) == ST_OK)
        body = json_get(doc, STR("body"));
    if (!body || body->type != JSON_STRING)
        return;
    if (c->n == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 1024;
        c->end = realloc(c->end, c->cap * sizeof(*c->end));
        if (!c->end)
            die("out of memory");
    }
    buf_adds(&c->text, body->text);
    c->end[c->n++] = c->text.n;
}

static void read_corpus(const char *path, struct corpus *c)
{
    struct arena a;
    char *line = malloc(LINE_CAP);
    gzFile f = gzopen(path, "rb");
    if (!f || !line)
        die("cannot read the corpus");
    buf_init(&c->text, TEXT_CAP);
    arena_init(&a, LINE_CAP);
    while (gzgets(f, line, LINE_CAP) != NULL)
        add_body(c, str_trim(str_of(line)), &a);
    gzclose(f);
    free(line);
    arena_fini(&a);
    if (c->n == 0 || !buf_ok(&c->text))
        die("no bodies in the corpus");
}

enum row { FOLD, LOOKUP, TOKENS, ALL, ROWS };

static const char *const row_name[ROWS] = {"decode, fold", "decode, fold, lexicon",
                                           "tokens without lexicon", "everything"};

#define LOOK_UP 4096

struct look_up {
    uint16_t code[LOOK_UP + LEX_WORD_MAX];
    uint32_t cost[LOOK_UP], word[LOOK_UP];
    struct lex_place place[2][LOOK_UP];
};

struct stage {
    const struct lex *lex; /* looked up in after folding, when an is NULL */
    struct an *an;
    struct an_text text; /* scratch */
    struct look_up look; /* scratch */
    size_t found;        /* tokens, or places looked up */
};

static enum st count(void *ctx, const struct an_token *tok, size_t n)
{
    struct stage *s = ctx;
    (void)tok;
    s->found += n;
    return ST_OK;
}

/* The words at all places of s->text, by the calls that the analyzer makes, a chunk at a time. */
static void look_up_chunk(struct stage *s, const uint32_t *cp, size_t n)
{
    struct look_up *l = &s->look;
    size_t left = lex_first(s->lex, cp, n, l->code, l->place[0], l->cost, l->word);
    for (size_t length = 2; left > 0 && length <= LEX_WORD_MAX; length++) {
        s->found += left;
        left = lex_longer(s->lex, l->code + length - 1, l->place[length % 2], left,
                          l->place[1 - length % 2], l->cost, l->word);
    }
}

static void look_up(struct stage *s)
{
    for (size_t at = 0; at < s->text.n; at += LOOK_UP) {
        size_t n = s->text.n - at < LOOK_UP ? s->text.n - at : LOOK_UP;
        look_up_chunk(s, s->text.cp + at, n);
    }
}

static void run(struct stage *s, const struct corpus *c)
{
    size_t from = 0;
    for (size_t i = 0; i < c->n; i++) {
        struct str body = str_from(c->text.p + from, c->end[i] - from);
        enum st st =
            s->an ? an_analyze(s->an, body, count, s) : an_fold(body, AN_VIEW_TEXT, &s->text);
        if (st != ST_OK)
            die(st_info(st)->text);
        if (!s->an && s->lex)
            look_up(s);
        from = c->end[i];
    }
}

/* Seconds of one round. */
static double measure(struct stage *s, const struct corpus *c)
{
    s->found = 0;
    double t = cpu_seconds();
    run(s, c);
    return cpu_seconds() - t;
}

static void print_cost(const char *name, double seconds, double all)
{
    printf("  %-22s %8.2f s %7.0f %%\n", name, seconds, 100 * seconds / all);
}

static void measure_all(const struct lex *lex, const struct corpus *c)
{
    static struct stage stage[ROWS];
    stage[LOOKUP].lex = lex;
    double t[ROWS] = {0};
    struct err err = ERR_INIT;
    if (an_new(NULL, &stage[TOKENS].an, &err) != ST_OK ||
        an_new(lex, &stage[ALL].an, &err) != ST_OK)
        die(err.text);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < ROWS; i++) {
            double seconds = measure(&stage[i], c);
            t[i] = round == 0 || seconds < t[i] ? seconds : t[i];
        }
    }
    for (int i = 0; i < ROWS; i++) {
        printf("%-24s %8.2f s %8.1f MB/s %12zu found\n", row_name[i], t[i],
               (double)c->text.n / t[i] / 1e6, stage[i].found);
        an_text_fini(&stage[i].text);
        an_free(stage[i].an);
    }
    printf("of which\n");
    print_cost("decode, fold", t[FOLD], t[ALL]);
    print_cost("tokens", t[TOKENS] - t[FOLD], t[ALL]);
    print_cost("lexicon", t[LOOKUP] - t[FOLD], t[ALL]);
    print_cost("word graph", t[ALL] - t[TOKENS] - (t[LOOKUP] - t[FOLD]), t[ALL]);
}

int main(int argc, char **argv)
{
    struct corpus c = {.n = 0};
    struct lex *lex;
    struct err err = ERR_INIT;
    if (argc != 3)
        die("usage: bench_analysis LEXICON FILE.jsonl.gz");
    double t = cpu_seconds();
    if (lex_open(argv[1], &lex, &err) != ST_OK)
        die(err.text);
    printf("lexicon opened in %.2f ms\n", (cpu_seconds() - t) * 1e3);
    read_corpus(argv[2], &c);
    printf("%zu bodies, %.1f MB\n", c.n, (double)c.text.n / 1e6);
    measure_all(lex, &c);
    lex_close(lex);
    buf_fini(&c.text);
    free(c.end);
    return 0;
}
