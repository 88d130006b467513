/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CFG_H
#define GONGBAO_CFG_H

/* Configuration files: lines of "key = value", '#' begins a comment at the start of a line or
 * after white space, empty lines are skipped. The keys are a table that the caller owns; each row
 * names a field of the caller's struct. An unknown key, a key given twice (unless it is a list) or
 * a bad value is ST_CONFIG with "FILE:LINE: what was expected". */

#include <gongbao/arena.h>
#include <gongbao/err.h>

enum cfg_type {
    CFG_BOOL,  /* yes | no            -> bool */
    CFG_COUNT, /* decimal             -> uint64_t, between min and max */
    CFG_SIZE,  /* bytes, with K, M, G -> uint64_t, between min and max */
    CFG_MS,    /* ms, with ms, s, m   -> uint64_t milliseconds, between min and max */
    CFG_REAL,  /* decimal fraction    -> double, between min and max */
    CFG_TEXT,  /* the rest of the line -> struct str */
    CFG_LIST,  /* each line adds one  -> struct cfg_list */
};

struct cfg_list {
    struct str *item;
    size_t n;
};

struct cfg_key {
    const char *name; /* "worker.kill_ms" */
    enum cfg_type type;
    size_t field;        /* offsetof the field */
    const char *initial; /* the default, as one would write it; NULL for an empty list or text */
    double min, max;     /* for numbers */
    const char *help;    /* one line */
};

/* Set every field of *out to its default. The table ends with a row whose name is NULL. The
 * defaults are themselves checked: a bad one is ST_CONFIG too. */
enum st cfg_defaults(const struct cfg_key *keys, void *out, struct arena *a, struct err *err);

/* Read text over what is in *out. path is for messages. Values are copied into the arena. */
enum st cfg_read(const struct cfg_key *keys, struct str text, const char *path, void *out,
                 struct arena *a, struct err *err);

/* Set one key, as from a command line. where is for messages. */
enum st cfg_set(const struct cfg_key *keys, struct str key, struct str value, const char *where,
                void *out, struct arena *a, struct err *err);

#endif
