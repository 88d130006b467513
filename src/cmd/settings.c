/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The one table of what can be configured, and how a file is read over it.
 *
 * A row gives the key, its type, the field it fills, the default as one would write it, the limits
 * and a line of help. Reading, units and limits are the business of base/cfg; what a type cannot
 * say (the form of an address, the word of a log level) is checked here after the file has been
 * read, and the line is found again for the message.
 *
 * There is no search path: a program reads the file it is given, or none.
 */
#include "settings.h"

#include <gongbao/crew.h>
#include <gongbao/file.h>
#include <gongbao/net.h>
#include <gongbao/query.h>
#include <places.h> /* made by the Makefile */
#include <sys/un.h>
#include <unistd.h>

#define K 1024.0
#define M (1024.0 * K)
#define G (1024.0 * M)

#define FIELD(f) offsetof(struct settings, f)

const struct cfg_key settings_keys[] = {
    {"index", CFG_LIST, FIELD(index), NULL, 0, 0,
     "an index to serve, [NAME=]DIR; one line for each"},
    {"lexicon", CFG_TEXT, FIELD(lexicon), GONGBAO_LEXICON, 0, 0, "the compiled lexicon"},

    {"listen", CFG_LIST, FIELD(listen), NULL, 0, 0,
     "ADDR:PORT for the line protocol; one line for each"},
    {"unix", CFG_TEXT, FIELD(unix_path), NULL, 0, 0, "path of a Unix socket for the line protocol"},
    {"log.level", CFG_TEXT, FIELD(log_level), "info", 0, 0, "error, warn, info or debug"},

    {"workers", CFG_COUNT, FIELD(workers), "0", 0, 64, "worker processes; 0: one a core"},
    {"worker.kill_ms", CFG_MS, FIELD(worker_kill_ms), "5s", 10, 600e3,
     "a worker that is busy this long with one request is killed; more than deadline_ms"},
    {"worker.start_ms", CFG_MS, FIELD(worker_start_ms), "10m", 10, 86400e3,
     "a worker that cannot answer this long after its start is killed"},
    {"deadline_ms", CFG_MS, FIELD(deadline_ms), "2s", 1, 600e3,
     "time for one request before it is answered with 408"},
    {"queue.max", CFG_COUNT, FIELD(queue_max), "256", 1, 65536,
     "requests that may wait for a worker; further ones are answered with 429"},

    {"cache.bytes", CFG_SIZE, FIELD(cache_bytes), "16M", 0, 64 * G,
     "memory for answers, given again to the same request; 0: none"},

    {"slowlog.ms", CFG_MS, FIELD(slowlog_ms), "100ms", 0, 600e3,
     "a request that takes this long is in SLOWLOG; 0: none is"},

    {"line.max_bytes", CFG_SIZE, FIELD(line_max_bytes), "8K", 256, 1 * M,
     "longest request line; longer ones are answered with 413"},
    {"line.max_connections", CFG_COUNT, FIELD(line_max_connections), "1000", 1, 65536,
     "connections at a time"},
    {"line.max_pending", CFG_COUNT, FIELD(line_max_pending), "16", 1, 1024,
     "requests of one connection that are worked on at a time"},
    {"line.out_bytes", CFG_SIZE, FIELD(line_out_bytes), "256K", 4 * K, 64 * M,
     "unread reply bytes after which a connection is not read any more"},
    {"line.idle_ms", CFG_MS, FIELD(line_idle_ms), "60s", 100, 86400e3,
     "a connection that is silent this long is closed"},

    {"search.limit", CFG_COUNT, FIELD(search_limit), "10", 1, 10000, "hits a page"},
    {"search.limit_max", CFG_COUNT, FIELD(search_limit_max), "100", 1, 10000,
     "most hits a page that may be asked for"},
    {"search.window", CFG_COUNT, FIELD(search_window), "100000", 1, 1e6,
     "offset + limit may not pass this"},
    {"search.relax_below", CFG_COUNT, FIELD(search_relax_below), "10", 0, 10000,
     "with fewer hits than this, partial matches are added"},
    {"search.most", CFG_REAL, FIELD(search_most), "0.85", 0, 1,
     "partial matches with this share of the query come before others"},
    {"search.closeness_top", CFG_COUNT, FIELD(search_closeness_top), "20", 0, 1000,
     "of so many of the best hits the stored text is looked at"},
    {"search.text_bytes", CFG_SIZE, FIELD(search_text_bytes), "64M", 0, 64 * 1024 * M,
     "memory of a worker for folded texts, in which phrases are looked for"},
    {"synonyms", CFG_TEXT, FIELD(synonyms), NULL, 0, 0,
     "a file of words that stand for others, WORD = WORD, …"},
    {"search.max_runs", CFG_COUNT, FIELD(search_max_runs), "32", 1, 1024,
     "parts separated by spaces in one query"},
    {"search.max_depth", CFG_COUNT, FIELD(search_max_depth), "16", 1, Q_DEPTH_MAX,
     "brackets and fields within each other in one query"},
    {"search.max_expansion", CFG_COUNT, FIELD(search_max_expansion), "1000", 1, 1e6,
     "terms of a segment that 经济* stands for; beyond, the reply says partial=1"},
    {"search.max_bytes", CFG_SIZE, FIELD(search_max_bytes), "8K", 16, 1 * M, "longest query"},
    {"search.max_terms", CFG_COUNT, FIELD(search_max_terms), "500", 1, Q_TERMS_MAX,
     "terms of one query after analysis"},
    {"search.partial", CFG_BOOL, FIELD(search_partial), "no", 0, 0,
     "answer without the segments that are damaged"},
    {"snippet.columns", CFG_COUNT, FIELD(snippet_columns), "160", 20, 2000,
     "width of a snippet; Han characters count 2"},

    {"rank.word", CFG_REAL, FIELD(rank_word), "1.0", 0, 100, "weight of a word"},
    {"rank.bigram", CFG_REAL, FIELD(rank_bigram), "0.5", 0, 100,
     "weight of a pair of neighbouring characters"},
    {"rank.character", CFG_REAL, FIELD(rank_character), "0.3", 0, 100,
     "weight of a single character"},
    {"rank.piece", CFG_REAL, FIELD(rank_piece), "0.5", 0, 100,
     "weight of a word inside a long word of the query"},
    {"rank.k1", CFG_REAL, FIELD(rank_k1), "1.2", 0, 10, "BM25: how much repetition counts"},
    {"rank.b", CFG_REAL, FIELD(rank_b), "0.75", 0, 1,
     "BM25: how much the length of a bulletin counts"},
    {"stopwords", CFG_TEXT, FIELD(stopwords), NULL, 0, 0, "the list of words that weigh little"},
    {"rank.stop", CFG_REAL, FIELD(rank_stop), "0.2", 0, 1,
     "what a stop word weighs of what it would"},
    {"rank.closeness", CFG_REAL, FIELD(rank_closeness), "0.4", 0, 100,
     "how much it counts that what was typed stands together"},
    {"rank.in_title", CFG_REAL, FIELD(rank_in_title), "0.5", 0, 100,
     "how much it counts that the title is what was typed"},
    {"rank.half_life", CFG_REAL, FIELD(rank_half_life), "0", 0, 1e6,
     "days in which halves what being new adds to a score; 0: nothing"},
    {"rank.title", CFG_COUNT, FIELD(rank_title), "3", 1, 100,
     "how often a word of the title counts; holds for bulletins ingested from then on"},

    {"ingest.body_max", CFG_SIZE, FIELD(ingest_body_max), "16M", 1, 1 * G,
     "largest body; larger ones are rejected"},
    {"ingest.line_max", CFG_SIZE, FIELD(ingest_line_max), "64M", 1 * K, 1 * G,
     "longest line of JSON and largest text file; longer ones are rejected"},
    {"ingest.segment_bytes", CFG_SIZE, FIELD(ingest_segment_bytes), "256M", 1 * K, 16 * G,
     "bytes of body after which a new segment is begun"},
    {"ingest.memory", CFG_SIZE, FIELD(ingest_memory), "512M", 1 * M, 1024 * G,
     "postings held in memory; more are put aside in a file until their segment is finished"},
    {"ingest.jobs", CFG_COUNT, FIELD(ingest_jobs), "0", 0, CREW_CORES_MAX,
     "threads that work on a batch; 0: one a core"},

    {"canary", CFG_TEXT, FIELD(canary), NULL, 0, 0,
     "searches whose answers a batch must not make worse"},

    {"merge.max_seconds", CFG_COUNT, FIELD(merge_max_seconds), "30", 0, 86400,
     "time for merging segments at the end of a batch; 0: none"},

    {NULL, CFG_BOOL, 0, NULL, 0, 0, NULL},
};

/* The line of the nth (from 0) setting of a key in a file, for messages. */
static size_t line_of(struct str text, struct str key, size_t nth)
{
    for (size_t line = 1; text.n > 0; line++) {
        struct str rest = str_cut(&text, '\n');
        if (str_eq(str_trim(str_cut(&rest, '=')), key) && nth-- == 0)
            return line;
    }
    return 0;
}

static bool name_ok(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '-' && c != '_' && c != '.')
            return false;
    }
    return s.n > 0;
}

enum st settings_index(struct str item, struct str *name, struct str *dir, struct err *err)
{
    const char *eq = memchr(item.p, '=', item.n);
    if (eq) {
        *name = str_from(item.p, (size_t)(eq - item.p));
        *dir = str_from(eq + 1, item.n - name->n - 1);
    } else {
        *dir = item;
        struct str last = item;
        while (last.n > 1 && last.p[last.n - 1] == '/')
            last.n--;
        size_t from = last.n;
        while (from > 0 && last.p[from - 1] != '/')
            from--;
        *name = str_from(last.p + from, last.n - from);
    }
    if (dir->n == 0)
        return err_set(err, ST_CONFIG, "index: expected [NAME=]DIR, found \"" STR_FMT "\"",
                       STR_ARG(item));
    if (!name_ok(*name))
        return err_set(err, ST_CONFIG,
                       "index: \"" STR_FMT "\" gives no name of letters, digits, - _ and .; "
                       "expected NAME=DIR",
                       STR_ARG(item));
    return ST_OK;
}

static enum st check_listen(const struct settings *s, size_t *bad, struct err *err)
{
    for (*bad = 0; *bad < s->listen.n; ++*bad) {
        struct str item = s->listen.item[*bad];
        if (!net_address_ok(item))
            return err_set(err, ST_CONFIG,
                           "listen: expected ADDR:PORT such as 127.0.0.1:7311 or [::1]:7311, "
                           "found \"" STR_FMT "\"",
                           STR_ARG(item));
    }
    return ST_OK;
}

static enum st check_index(const struct settings *s, size_t *bad, struct err *err)
{
    for (*bad = 0; *bad < s->index.n; ++*bad) {
        struct str name, dir, other;
        enum st st = settings_index(s->index.item[*bad], &name, &dir, err);
        for (size_t i = 0; st == ST_OK && i < *bad; i++) {
            settings_index(s->index.item[i], &other, &dir, NULL);
            if (str_eq(name, other))
                st = err_set(err, ST_CONFIG, "index: the name \"" STR_FMT "\" is given twice",
                             STR_ARG(name));
        }
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

static enum st check_unix(const struct settings *s, struct err *err)
{
    const size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;
    if (s->unix_path.n <= most)
        return ST_OK;
    return err_set(err, ST_CONFIG, "unix: a socket's path has at most %zu bytes, this one has %zu",
                   most, s->unix_path.n);
}

static enum st check_level(const struct settings *s, enum log_level *out, struct err *err)
{
    if (log_level_of(s->log_level, out))
        return ST_OK;
    return err_set(err, ST_CONFIG,
                   "log.level: expected error, warn, info or debug, found \"" STR_FMT "\"",
                   STR_ARG(s->log_level));
}

/* Settings that do not go together, for each of which the other may be at fault. */
static enum st check_pairs(const struct settings *s, struct str *key, struct str *other,
                           struct err *err)
{
    const struct {
        const char *small, *large, *expected;
        uint64_t least, most;
    } pair[] = {
        {"search.limit", "search.limit_max", "at most", s->search_limit, s->search_limit_max},
        {"search.limit", "search.window", "at most", s->search_limit, s->search_window},
        {"deadline_ms", "worker.kill_ms", "less than", s->deadline_ms + 1, s->worker_kill_ms},
    };
    for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++) {
        if (pair[i].least <= pair[i].most)
            continue;
        *key = str_of(pair[i].small);
        *other = str_of(pair[i].large);
        return err_set(err, ST_CONFIG, "%s: expected %s %s (%ju)", pair[i].small, pair[i].expected,
                       pair[i].large, (uintmax_t)pair[i].most);
    }
    return ST_OK;
}

/* What the types of the table cannot say, with the key and the item that is wrong, and another key
 * that may be at fault as well. */
static enum st check(struct settings *s, struct str *key, size_t *nth, struct str *other,
                     struct err *err)
{
    *key = STR("index");
    enum st st = check_index(s, nth, err);
    if (st == ST_OK) {
        *key = STR("listen");
        st = check_listen(s, nth, err);
    }
    if (st == ST_OK) {
        *key = STR("unix");
        *nth = 0;
        st = check_unix(s, err);
    }
    if (st == ST_OK) {
        *key = STR("log.level");
        st = check_level(s, &s->level, err);
    }
    *other = *key;
    if (st == ST_OK) {
        *nth = 0;
        st = check_pairs(s, key, other, err);
    }
    return st;
}

static enum st read_file(const char *path, struct settings *s, struct arena *a, struct err *err)
{
    struct buf text;
    buf_init(&text, SETTINGS_MEMORY / 4);
    enum st st = file_read(path, &text, err);
    if (st == ST_OK)
        st = cfg_read(settings_keys, buf_str(&text), path, s, a, err);
    if (st == ST_OK) {
        struct str key, other;
        size_t nth;
        st = check(s, &key, &nth, &other, err);
        if (st != ST_OK) {
            size_t line = line_of(buf_str(&text), key, nth);
            err_prefix(err, "%s:%zu", path, line ? line : line_of(buf_str(&text), other, 0));
        }
    }
    buf_fini(&text);
    return st;
}

enum st settings_load(const char *path, struct settings *out, struct arena *a, struct err *err)
{
    memset(out, 0, sizeof(*out));
    enum st st = cfg_defaults(settings_keys, out, a, err);
    if (st == ST_OK && path)
        st = read_file(path, out, a, err);
    return st;
}

enum st settings_complete(struct settings *s, struct arena *a, struct err *err)
{
    enum st st = ST_OK;
    if (s->listen.n == 0 && s->unix_path.n == 0)
        st = cfg_set(settings_keys, STR("listen"), STR(SETTINGS_LISTEN), "default", s, a, err);
    struct str key, other;
    size_t nth;
    return st == ST_OK ? check(s, &key, &nth, &other, err) : st;
}

/* The list that is named, or the one that was installed, where there is one. */
static const char *list_at(struct str named, const char *installed, struct arena *a)
{
    if (named.n > 0)
        return arena_str(a, named).p;
    return access(installed, R_OK) == 0 ? installed : NULL;
}

void settings_search(const struct settings *s, struct arena *a, struct srch_opts *out)
{
    *out = (struct srch_opts){
        .lexicon = arena_str(a, s->lexicon).p,
        .synonyms = list_at(s->synonyms, GONGBAO_SYNONYMS, a),
        .weights = {s->rank_word, s->rank_bigram, s->rank_character, s->rank_piece},
        .k1 = s->rank_k1,
        .b = s->rank_b,
        .stopwords = list_at(s->stopwords, GONGBAO_STOPWORDS, a),
        .stop = s->rank_stop,
        .closeness = s->rank_closeness,
        .title = s->rank_in_title,
        .half_life = s->rank_half_life,
        .closeness_top = s->search_closeness_top,
        .text_bytes = s->search_text_bytes,
        .limits = {.runs = s->search_max_runs,
                   .terms = s->search_max_terms,
                   .depth = s->search_max_depth,
                   .expansion = s->search_max_expansion,
                   .bytes = s->search_max_bytes},
        .relax_below = s->search_relax_below,
        .most = s->search_most,
        .snippet_columns = s->snippet_columns,
        .partial = s->search_partial,
    };
}
