/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INDEX_FIXTURE_H
#define GONGBAO_INDEX_FIXTURE_H

/* Small indexes for tests: a document is an id and a text of terms with blanks between them, which
 * is its body as well. Everything goes through the contract. Included after harness.h. */

#include <gongbao/file.h>
#include <gongbao/index.h>

struct fixture {
    char *folder;
    char dir[PATH_MAX]; /* the index, not there yet */
    struct arena arena;
    struct err err;
};

static inline int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->folder = harness_folder();
    snprintf(f->dir, sizeof(f->dir), "%s/index", f->folder);
    arena_init(&f->arena, (size_t)1 << 30);
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(file_remove_tree(f->folder, NULL), ST_OK);
    arena_fini(&f->arena);
    free(f->folder);
    free(f);
    return 0;
}

/* Passes when the status is the wanted one; otherwise tells the error. */
#define assert_st(actual, wanted, f) check_st((actual), (wanted), (f), __FILE__, __LINE__)
#define assert_ok(actual, f)         assert_st(actual, ST_OK, f)

static inline void check_st(enum st actual, enum st wanted, const struct fixture *f,
                            const char *file, int line)
{
    if (actual == wanted)
        return;
    print_error("status %d instead of %d: %s\n", (int)actual, (int)wanted, f->err.text);
    _fail(file, line);
}

/* ---- writing ---- */

static inline struct ix_writer *open_writer_sized(struct fixture *f, uint64_t segment_bytes)
{
    const struct ix_writer_opts opts = {.segment_bytes = segment_bytes, .lexicon = 7, .fold = 3};
    struct ix_writer *w = NULL;
    assert_ok(ix_writer_open(f->dir, &opts, &w, &f->err), f);
    return w;
}

static inline struct ix_writer *open_writer(struct fixture *f)
{
    return open_writer_sized(f, 0);
}

/* The terms of a text with their frequencies; `out` has room. */
static inline size_t split_terms(struct str text, struct ix_term *out)
{
    size_t n = 0;
    while (text.n) {
        struct str word = str_cut(&text, ' ');
        size_t i = 0;
        while (i < n && !str_eq(out[i].bytes, word))
            i++;
        if (i == n)
            out[n++] = (struct ix_term){word, 0};
        out[i].wdf++;
    }
    return n;
}

static inline enum st put_doc(struct fixture *f, struct ix_writer *w, const struct ix_doc *doc)
{
    struct ix_term *terms = calloc(doc->body.n + 1, sizeof(*terms));
    assert_non_null(terms);
    enum st st = ix_writer_put(w, doc, terms, split_terms(doc->body, terms), &f->err);
    free(terms);
    return st;
}

static inline void put(struct fixture *f, struct ix_writer *w, const char *id, const char *body)
{
    const struct ix_doc doc = {.id = str_of(id), .body = str_of(body)};
    assert_ok(put_doc(f, w, &doc), f);
}

/* A document of a thousand words of its own, so that its segment takes some ten blocks. */
static inline void put_large(struct fixture *f, struct ix_writer *w, unsigned i)
{
    struct buf body;
    char id[16];
    buf_init(&body, 1 << 20);
    for (unsigned k = 0; k < 1000; k++)
        buf_addf(&body, "%x-%x ", i, k * 2654435761u);
    buf_addc(&body, '\0');
    snprintf(id, sizeof(id), "d%u", i);
    put(f, w, id, body.p);
    buf_fini(&body);
}

static inline bool drop(struct fixture *f, struct ix_writer *w, const char *id)
{
    bool was = false;
    assert_ok(ix_writer_delete(w, str_of(id), &was, &f->err), f);
    return was;
}

/* Publish and close; the generation. */
static inline uint64_t publish(struct fixture *f, struct ix_writer *w)
{
    uint64_t generation = 0;
    assert_ok(ix_writer_publish(w, &generation, &f->err), f);
    ix_writer_close(w);
    return generation;
}

/* ---- reading ---- */

struct opened {
    struct ix_reader *reader;
    struct ix_view *view;
    struct ix_info info;
};

static inline struct opened open_index(struct fixture *f)
{
    struct opened o = {0};
    assert_ok(ix_reader_open(f->dir, &o.reader, &f->err), f);
    assert_ok(ix_view_open(&o.reader, 1, &o.view, &f->err), f);
    ix_reader_info(o.reader, &o.info);
    return o;
}

static inline void close_index(struct opened *o)
{
    ix_view_close(o->view);
    ix_reader_close(o->reader);
    *o = (struct opened){0};
}

static inline struct ix_node term(const char *bytes)
{
    return (struct ix_node){.op = IX_TERM, .term = str_of(bytes)};
}

#define KIDS(...)                                                                                  \
    (struct ix_node *[])                                                                           \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static inline struct ix_node tree(enum ix_op op, struct ix_node **kids, size_t n)
{
    return (struct ix_node){.op = op, .kid = kids, .nkid = n, .factor = 1};
}

static inline struct ix_search query(const struct ix_node *node)
{
    return (struct ix_search){.query = node, .limit = 100, .k1 = 1.2, .b = 0.75};
}

static inline struct ix_result search(struct fixture *f, struct ix_view *v,
                                      const struct ix_search *q)
{
    struct ix_result r;
    assert_ok(ix_search(v, q, &f->arena, &r, &f->err), f);
    return r;
}

/* The id of a hit. */
static inline struct str hit_id(struct fixture *f, struct ix_view *v, const struct ix_hit *hit)
{
    struct ix_doc doc;
    assert_ok(ix_document(v, hit->doc, &f->arena, &doc, &f->err), f);
    return doc.id;
}

/* The ids of the hits of a query, with blanks between them, best first. */
static inline struct str ids_of(struct fixture *f, struct ix_view *v, const struct ix_search *q)
{
    struct buf b;
    struct ix_result r = search(f, v, q);
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < r.n; i++) {
        if (i > 0)
            buf_addc(&b, ' ');
        buf_adds(&b, hit_id(f, v, &r.hit[i]));
    }
    struct str ids = arena_str(&f->arena, buf_str(&b));
    buf_fini(&b);
    return ids;
}

static inline struct str ids(struct fixture *f, struct ix_view *v, const struct ix_node *node)
{
    const struct ix_search q = query(node);
    return ids_of(f, v, &q);
}

static inline int word_order(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The words of a text in order: for results whose order is no matter. */
static inline struct str sorted(struct fixture *f, struct str text)
{
    struct str word[100];
    size_t n = 0;
    char *out = arena_alloc(&f->arena, text.n + 1), *at = out;
    while (text.n && n < 100)
        word[n++] = str_cut(&text, ' ');
    qsort(word, n, sizeof(*word), word_order);
    for (size_t i = 0; i < n; i++) {
        memcpy(at, word[i].p, word[i].n);
        at += word[i].n;
        *at++ = ' ';
    }
    return str_trim(str_from(out, (size_t)(at - out)));
}

/* The ids of all live documents of the index as it is on disk. */
static inline struct str all_ids(struct fixture *f)
{
    const struct ix_node all = {.op = IX_ALL};
    struct opened o = open_index(f);
    struct str s = ids(f, o.view, &all);
    close_index(&o);
    return s;
}

/* ---- larger ones ---- */

/* Six bulletins in three segments. */
static inline struct opened open_six(struct fixture *f)
{
    struct ix_writer *w = open_writer_sized(f, 20);
    put(f, w, "1", "apple");
    put(f, w, "2", "apple berry long tail of words");
    put(f, w, "3", "berry cherry");
    put(f, w, "4", "apple apple apple cherry");
    put(f, w, "5", "cherry");
    put(f, w, "6", "date");
    publish(f, w);
    struct opened o = open_index(f);
    assert_true(o.info.segments >= 3);
    return o;
}

/* n bulletins; all have "all", every second "even", every third "third". */
static inline struct opened open_many(struct fixture *f, int n, bool delete_some)
{
    struct ix_writer *w = open_writer_sized(f, 2000);
    char id[16], body[64];
    for (int i = 0; i < n; i++) {
        snprintf(id, sizeof(id), "%d", i);
        snprintf(body, sizeof(body), "all%s%s w%d", i % 2 ? "" : " even", i % 3 ? "" : " third", i);
        put(f, w, id, body);
    }
    publish(f, w);
    if (delete_some) {
        w = open_writer(f);
        for (int i = 0; i < n; i += 10) {
            snprintf(id, sizeof(id), "%d", i);
            assert_true(drop(f, w, id));
        }
        publish(f, w);
    }
    return open_index(f);
}

/* ---- the folder ---- */

/* How many findings a check has. */
static inline void count_finding(void *ctx, const char *line)
{
    (void)line;
    ++*(size_t *)ctx;
}

static inline size_t findings(struct fixture *f)
{
    size_t n = 0;
    enum st st = ix_check(f->dir, count_finding, &n, &f->err);
    assert_true(st == ST_OK || n > 0);
    return st == ST_OK ? 0 : n; /* a line may tell of what is no finding */
}

#endif
