/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_SETTINGS_H
#define GONGBAO_SETTINGS_H

/* What can be configured: the keys of gongbao.conf, shared by the mains.
 *
 *     struct settings s;
 *     arena_init(&a, SETTINGS_MEMORY);
 *     st = settings_load("/etc/gongbao/gongbao.conf", &s, &a, &err);
 *     ... cfg_set(settings_keys, STR("workers"), STR("4"), "--workers", &s, &a, &err) ...
 *     settings_complete(&s, &a, &err);
 *
 * The table in settings.c says for each key what it means, its default and its limits;
 * conf/gongbao.conf says the same to people, and a test keeps the two together.
 */

#include <gongbao/cfg.h>
#include <gongbao/log.h>
#include <gongbao/search.h>

#define SETTINGS_MEMORY (1u << 20) /* a good cap for the arena */
#define SETTINGS_LISTEN "127.0.0.1:7311"

struct settings {
    struct cfg_list index; /* "[NAME=]DIR", see settings_index */
    struct str lexicon;    /* path */

    struct cfg_list listen; /* "ADDR:PORT" */
    struct str unix_path;   /* empty: no Unix socket */
    struct str log_level;
    enum log_level level; /* what log_level says */

    uint64_t workers; /* 0: one a core */
    uint64_t worker_kill_ms;
    uint64_t worker_start_ms;
    uint64_t deadline_ms;
    uint64_t queue_max;
    uint64_t cache_bytes; /* 0: no cache */
    uint64_t slowlog_ms;  /* 0: none */

    uint64_t line_max_bytes;
    uint64_t line_max_connections;
    uint64_t line_max_pending;
    uint64_t line_out_bytes;
    uint64_t line_idle_ms;

    uint64_t search_limit;
    uint64_t search_limit_max;
    uint64_t search_window;
    uint64_t search_relax_below;
    double search_most;
    struct str synonyms;
    uint64_t search_max_runs;
    uint64_t search_max_depth;
    uint64_t search_max_expansion;
    uint64_t search_max_bytes;
    uint64_t search_max_terms;
    bool search_partial;
    uint64_t snippet_columns;

    double rank_word, rank_bigram, rank_character, rank_piece;
    double rank_k1, rank_b;
    struct str stopwords; /* path; empty: none */
    double rank_stop;
    double rank_closeness, rank_in_title;
    double rank_half_life;
    uint64_t search_closeness_top;
    uint64_t search_text_bytes;
    uint64_t rank_title;

    uint64_t ingest_body_max;
    uint64_t ingest_line_max;
    uint64_t ingest_segment_bytes;
    uint64_t merge_max_seconds; /* 0: no merging */
    uint64_t ingest_memory;
    uint64_t ingest_jobs; /* 0: one a core */
    struct str canary;    /* path; empty: no canary queries */
};

/* One row a key, ended by a row without a name. */
extern const struct cfg_key settings_keys[];

/* Fill *out with the defaults and, when path is not NULL, read that file over them. Everything in
 * *out lives in the arena. ST_CONFIG with "FILE:LINE: what was expected"; ST_IO. */
enum st settings_load(const char *path, struct settings *out, struct arena *a, struct err *err);

/* Fill in what depends on several keys, once the command line has been applied: with neither a
 * listen address nor a Unix socket, SETTINGS_LISTEN is listened on; log_level is read into level.
 * ST_CONFIG. */
enum st settings_complete(struct settings *s, struct arena *a, struct err *err);

/* How to search with these settings: everything in *out but the indexes. The path of the lexicon
 * lives in the arena, which is marked failed when there is no room for it. */
void settings_search(const struct settings *s, struct arena *a, struct srch_opts *out);

/* The name and the folder of an item of `index`. Without a name, the last part of the path is the
 * name. A name has letters, digits, '-', '_' and '.'. ST_CONFIG. */
enum st settings_index(struct str item, struct str *name, struct str *dir, struct err *err);

#endif
