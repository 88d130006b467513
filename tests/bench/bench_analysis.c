/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How fast text is analysed, and where the time goes: bench_analysis LEXICON FILE.jsonl.gz
 *
 * The bodies of the file are analysed one by one, as ingest does it; the time is CPU time of this
 * process, the best of ROUNDS rounds. Each row adds a stage to the one before it; the sink of the
 * full rows counts tokens and makes nothing of them.
 */

#include <gongbao/analysis.h>
#include <gongbao/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#define ROUNDS   3
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

struct stage {
    const char *name;
    struct an *an;       /* NULL: fold only */
    struct an_text text; /* scratch */
    size_t tokens;
};

static enum st count(void *ctx, const struct an_token *tok, size_t n)
{
    struct stage *s = ctx;
    (void)tok;
    s->tokens += n;
    return ST_OK;
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
        from = c->end[i];
    }
}

static void report(struct stage *s, const struct corpus *c)
{
    double best = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        s->tokens = 0;
        double t = cpu_seconds();
        run(s, c);
        t = cpu_seconds() - t;
        best = t < best ? t : best;
    }
    printf("%-28s %8.2f s %8.1f MB/s %12zu tokens\n", s->name, best, (double)c->text.n / best / 1e6,
           s->tokens);
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
    struct stage stages[] = {{.name = "decode, fold"},
                             {.name = "and tokens, no lexicon"},
                             {.name = "and words of the lexicon"}};
    if (an_new(NULL, &stages[1].an, &err) != ST_OK || an_new(lex, &stages[2].an, &err) != ST_OK)
        die(err.text);
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        report(&stages[i], &c);
        an_text_fini(&stages[i].text);
        an_free(stages[i].an);
    }
    lex_close(lex);
    buf_fini(&c.text);
    free(c.end);
    return 0;
}
