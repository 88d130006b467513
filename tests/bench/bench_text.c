/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How small stored text gets, and how fast: bench_text FILE.jsonl.gz
 *
 * The documents of the file become records as an index stores them. They are packed and unpacked
 * one by one: by zlib, by zstd without a dictionary, and as a segment does it. Then the first few
 * of them, for which making a dictionary pays or does not. Sizes are over the bytes of the bodies,
 * dictionaries included; time is CPU time of this process.
 */

#include "../../index/record.h"
#include "../../index/squeeze.h"
#include <gongbao/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#define LINE_CAP (1 << 24)
#define CHUNK    ((size_t)4 << 20) /* of records, from which a dictionary is made */

struct corpus {
    struct buf bytes;
    struct str *record;
    size_t *end;
    size_t *body; /* bytes of it */
    size_t n, cap;
};

static void die(const char *what)
{
    fprintf(stderr, "bench_text: %s\n", what);
    exit(1);
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct str text_of(const struct json *doc, struct str key)
{
    const struct json *v = json_get(doc, key);
    return v && v->type == JSON_STRING ? v->text : STR("");
}

static void add_record(struct corpus *c, struct str line, struct arena *a)
{
    const struct json *json;
    arena_reset(a);
    if (json_parse(line, a, &json, NULL) != ST_OK)
        return;
    const struct ix_doc doc = {.id = text_of(json, STR("id")),
                               .title = text_of(json, STR("title")),
                               .date = text_of(json, STR("date")),
                               .issuer = text_of(json, STR("issuer")),
                               .body = text_of(json, STR("body"))};
    if (c->n == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 1024;
        c->end = realloc(c->end, c->cap * sizeof(*c->end));
        c->body = realloc(c->body, c->cap * sizeof(*c->body));
        if (!c->end || !c->body)
            die("out of memory");
    }
    record_encode(&doc, &c->bytes);
    c->body[c->n] = doc.body.n;
    c->end[c->n++] = c->bytes.n;
}

static void read_corpus(const char *path, struct corpus *c)
{
    struct arena a;
    char *line = malloc(LINE_CAP);
    gzFile f = gzopen(path, "rb");
    if (!f || !line)
        die("cannot read the corpus");
    buf_init(&c->bytes, SIZE_MAX);
    arena_init(&a, LINE_CAP);
    while (gzgets(f, line, LINE_CAP) != NULL)
        add_record(c, str_trim(str_of(line)), &a);
    gzclose(f);
    free(line);
    arena_fini(&a);
    c->record = calloc(c->n + 1, sizeof(*c->record));
    if (c->n == 0 || !buf_ok(&c->bytes) || !c->record)
        die("no documents in the corpus");
    for (size_t i = 0, from = 0; i < c->n; from = c->end[i++])
        c->record[i] = str_from(c->bytes.p + from, c->end[i] - from);
}

/* ---- one way to pack ---- */

struct packed {
    struct buf bytes;
    size_t *end;
    size_t body; /* bytes of the bodies that were packed */
    double make, pack, unpack;
};

static void tell(const char *name, const struct packed *p, size_t n, size_t extra)
{
    double body = (double)p->body;
    printf("| %s | %.4f | %.0f | %.0f | %.2f | %.1f |\n", name, (double)(p->bytes.n + extra) / body,
           body / 1e6 / p->pack, body / 1e6 / p->unpack, p->unpack * 1e6 / (double)n,
           p->make * 1e3);
}

static void by_zlib(const struct corpus *c, size_t n, struct packed *p)
{
    static char plain[LINE_CAP];
    double start = cpu_seconds();
    for (size_t i = 0; i < n; i++) {
        uLongf size = compressBound(c->record[i].n);
        char *room = buf_room(&p->bytes, size);
        if (!room || compress2((Bytef *)room, &size, (const Bytef *)c->record[i].p, c->record[i].n,
                               1) != Z_OK)
            die("zlib");
        p->bytes.n += size;
        p->end[i] = p->bytes.n;
    }
    p->pack = cpu_seconds() - start;
    for (size_t i = 0, from = 0; i < n; from = p->end[i++]) {
        uLongf size = sizeof(plain);
        if (uncompress((Bytef *)plain, &size, (const Bytef *)p->bytes.p + from, p->end[i] - from) !=
            Z_OK)
            die("zlib");
    }
    p->unpack = cpu_seconds() - start - p->pack;
}

static void by_squeeze(const struct corpus *c, size_t n, struct squeeze_dict *dict,
                       struct unsqueeze *u, struct packed *p)
{
    struct squeeze s;
    struct arena a;
    struct str plain;
    struct err err = ERR_INIT;
    squeeze_init(&s);
    arena_init(&a, SIZE_MAX);
    double start = cpu_seconds();
    for (size_t i = 0; i < n; i++) {
        if (squeeze_record(&s, dict, c->record[i], &p->bytes, &err) != ST_OK)
            die(err.text);
        p->end[i] = p->bytes.n;
    }
    p->pack = cpu_seconds() - start;
    for (size_t i = 0, from = 0; i < n; from = p->end[i++]) {
        arena_reset(&a);
        struct str data = str_from(p->bytes.p + from, p->end[i] - from);
        if (unsqueeze_record(u, data, &a, &plain, &err) != ST_OK)
            die(err.text);
    }
    p->unpack = cpu_seconds() - start - p->pack;
    squeeze_fini(&s);
    arena_fini(&a);
}

/* The dictionary that the first chunk makes, also for unpacking. */
static struct squeeze_dict *make_dict(const struct corpus *c, size_t n, struct unsqueeze *u)
{
    char name[SQUEEZE_DICT_NAME];
    struct squeeze_dict *dict, *reader;
    struct err err = ERR_INIT;
    size_t some = 0;
    while (some < n && c->end[some] < CHUNK)
        some++;
    if (squeeze_dict_make(c->record, some, &dict, &err) != ST_OK)
        die(err.text);
    if (!dict)
        return NULL;
    squeeze_dict_name(dict, name);
    if (squeeze_dict_read(str_of(name), buf_str(&dict->bytes), SQUEEZE_UNPACK, &reader, &err) !=
            ST_OK ||
        unsqueeze_add(u, reader, &err) != ST_OK)
        die(err.text);
    squeeze_dict_drop(reader);
    return dict;
}

enum how { ZLIB, ALONE, WITH_DICT };

static void row(const char *name, const struct corpus *c, size_t n, enum how how)
{
    struct unsqueeze u;
    struct packed p = {.end = calloc(n + 1, sizeof(*p.end))};
    if (!p.end)
        die("out of memory");
    buf_init(&p.bytes, SIZE_MAX);
    unsqueeze_init(&u);
    for (size_t i = 0; i < n; i++)
        p.body += c->body[i];
    double start = cpu_seconds();
    struct squeeze_dict *dict = how == WITH_DICT ? make_dict(c, n, &u) : NULL;
    p.make = cpu_seconds() - start;
    if (how == ZLIB)
        by_zlib(c, n, &p);
    else
        by_squeeze(c, n, dict, &u, &p);
    tell(name, &p, n, dict ? dict->bytes.n : 0);
    squeeze_dict_drop(dict);
    unsqueeze_fini(&u);
    buf_fini(&p.bytes);
    free(p.end);
}

int main(int argc, char **argv)
{
    static const size_t some[] = {5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560};
    struct corpus c = {.n = 0};
    if (argc != 2)
        die("usage: bench_text FILE.jsonl.gz");
    read_corpus(argv[1], &c);
    printf("| | size over body | pack MB/s | unpack MB/s | us a document | ms to make |\n"
           "|---|---|---|---|---|---|\n");
    row("zlib, level 1", &c, c.n, ZLIB);
    row("zstd alone", &c, c.n, ALONE);
    row("with a dictionary", &c, c.n, WITH_DICT);
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]) && some[i] < c.n; i++) {
        char name[64];
        snprintf(name, sizeof(name), "the first %zu: alone", some[i]);
        row(name, &c, some[i], ALONE);
        row("... with a dictionary", &c, some[i], WITH_DICT);
    }
    buf_fini(&c.bytes);
    free(c.record);
    free(c.end);
    free(c.body);
    return 0;
}
