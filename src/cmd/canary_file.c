/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The file of canary queries. */
#include "canary.h"

#include <gongbao/file.h>

#define FILE_MAX  (16u << 20)
#define WORST_MAX 10000

static enum st read_line(struct str line, struct canary *out)
{
    out->query = str_trim(str_cut(&line, '\t'));
    out->id = str_trim(str_cut(&line, '\t'));
    bool good = line.p && str_u64(str_trim(line), WORST_MAX, &out->worst);
    return good && out->query.n && out->id.n && out->worst > 0 ? ST_OK : ST_CONFIG;
}

static size_t count_lines(struct str text)
{
    size_t n = 0;
    for (; text.p; n++)
        str_cut(&text, '\n');
    return n;
}

static enum st read_lines(struct str text, struct canary_set *out, struct err *err)
{
    for (size_t line = 1; text.p; line++) {
        struct str one = str_cut(&text, '\n');
        if (str_trim(one).n == 0 || one.p[0] == '#')
            continue;
        struct canary *c = &out->canary[out->n];
        c->line = line;
        if (read_line(one, c) != ST_OK)
            return err_set(err, ST_CONFIG,
                           "%s:%zu: expected QUERY, ID and a rank from 1 to %d, with tabs between",
                           out->path, line, WORST_MAX);
        out->n++;
    }
    return ST_OK;
}

enum st canary_load(const char *path, struct arena *a, struct canary_set *out, struct err *err)
{
    struct buf bytes;
    *out = (struct canary_set){.path = path};
    buf_init(&bytes, FILE_MAX);
    enum st st = file_read(path, &bytes, err);
    struct str text = arena_str(a, buf_str(&bytes));
    buf_fini(&bytes);
    if (st != ST_OK)
        return st == ST_IO ? ST_CONFIG : st;
    out->canary = arena_calloc(a, count_lines(text), sizeof(*out->canary));
    return out->canary && text.p ? read_lines(text, out, err) : err_nomem(err);
}
