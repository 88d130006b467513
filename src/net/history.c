/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What people look for, what they do not find, and what took long.
 *
 * All of it is in memory of a size fixed at the start and is gone with the process: counters of the
 * most frequent queries and of the most frequent ones without a hit (often.c), sums for each of the
 * last days, and a ring of the last slow requests. A search counts once, for its first page: who
 * turns pages does not ask again. It is the text as typed that counts, without blanks around it,
 * for each choice of indexes apart. Queries that came more than once go along with a SUGGEST for
 * the same indexes, so that what many look for is offered to the next; one that came once stays
 * with who typed it.
 *
 * Days and times are those of the wall clock in the zone of the machine.
 */
#include "history.h"

#include "clock.h"
#include "often.h"

#include <gongbao/utf8.h>
#include <stdlib.h>
#include <time.h>

#define TOP_ROOM    1000 /* different queries that are counted */
#define TEXT_BYTES  240  /* kept of a query */
#define NAMES_BYTES 60   /* kept of the names of indexes */
#define DAYS        31
#define FREQUENT_NS UINT64_C(1000000000) /* after this the list of them is made anew */
#define SLOW_ROOM   256
#define SLOW_TEXT   400 /* bytes kept of a request's text */

/* A line feed is in no request: it stands between the names of the indexes and the query. */
_Static_assert(NAMES_BYTES + 1 + TEXT_BYTES <= OFTEN_TEXT, "a key is kept whole");

struct day {
    char date[11]; /* YYYY-MM-DD; empty: unused */
    uint64_t searches, empty, slow;
};

struct slow {
    time_t at;
    const char *verb;
    int code;
    uint64_t us, worked_us, total;
    size_t n;
    char text[SLOW_TEXT];
};

struct history {
    struct often *queries, *empty;
    struct day day[DAYS]; /* the last one at `today` */
    size_t today;
    struct slow slow[SLOW_ROOM]; /* the next one goes to `nslow` modulo the room */
    uint64_t nslow;
    struct buf frequent; /* see history_frequent; with the names of the indexes */
    uint64_t frequent_ns;
};

struct history *history_new(void)
{
    struct history *h = calloc(1, sizeof(*h));
    if (!h)
        return NULL;
    buf_init(&h->frequent, (size_t)TOP_ROOM * (OFTEN_TEXT + 32));
    h->queries = often_new(TOP_ROOM);
    h->empty = often_new(TOP_ROOM);
    if (h->queries && h->empty)
        return h;
    history_free(h);
    return NULL;
}

void history_free(struct history *h)
{
    if (!h)
        return;
    often_free(h->queries);
    often_free(h->empty);
    buf_fini(&h->frequent);
    free(h);
}

static void format_time(time_t at, const char *format, char *out, size_t n)
{
    struct tm tm;
    if (!localtime_r(&at, &tm) || strftime(out, n, format, &tm) == 0)
        out[0] = 0;
}

static struct day *day_of(struct history *h, time_t now)
{
    char date[11];
    format_time(now, "%Y-%m-%d", date, sizeof(date));
    struct day *d = &h->day[h->today];
    if (strcmp(d->date, date) == 0)
        return d;
    if (d->date[0])
        h->today = (h->today + 1) % DAYS;
    d = &h->day[h->today];
    *d = (struct day){0};
    memcpy(d->date, date, sizeof(date));
    return d;
}

static void keep_slow(struct history *h, const struct seen *seen, time_t now)
{
    struct slow *s = &h->slow[h->nslow++ % SLOW_ROOM];
    *s = (struct slow){.at = now,
                       .verb = seen->verb,
                       .code = seen->code,
                       .us = seen->us,
                       .worked_us = seen->worked_us,
                       .total = seen->total};
    s->n = utf8_floor(seen->text.p, seen->text.n, SLOW_TEXT);
    if (s->n)
        memcpy(s->text, seen->text.p, s->n);
}

/* What a query counts as. Names too long to be kept are cut, and marked as such. */
static struct str key_of(struct str in, struct str text, char key[OFTEN_TEXT])
{
    static const char cut[] = "…";
    size_t n = in.n <= NAMES_BYTES ? in.n : utf8_floor(in.p, in.n, NAMES_BYTES - strlen(cut));
    size_t ntext = utf8_floor(text.p, text.n, TEXT_BYTES);
    char *p = key;
    p = mempcpy(p, n ? in.p : "", n);
    if (n < in.n)
        p = mempcpy(p, cut, strlen(cut));
    *p++ = '\n';
    p = mempcpy(p, ntext ? text.p : "", ntext);
    return str_from(key, (size_t)(p - key));
}

static void count_query(struct often *t, const struct seen *seen)
{
    char key[OFTEN_TEXT];
    often_add(t, key_of(seen->in, str_trim(seen->text), key), seen->total);
}

void history_add(struct history *h, const struct seen *seen)
{
    if (!h || (!seen->search && !seen->slow))
        return;
    time_t now = time(NULL);
    struct day *day = day_of(h, now);
    if (seen->search) {
        day->searches++;
        count_query(h->queries, seen);
        if (seen->total == 0) {
            day->empty++;
            count_query(h->empty, seen);
        }
    }
    if (seen->slow) {
        day->slow++;
        keep_slow(h, seen, now);
    }
}

/* ---- frequent queries ---- */

static void put_query(struct buf *b, const struct srch_query *q)
{
    buf_varint(b, q->count);
    buf_varint(b, q->documents);
    buf_varstr(b, q->text);
}

/* A count may be too high by the error, so it is what came for sure that counts. */
static void list_frequent(struct history *h)
{
    struct often_row *row = calloc(TOP_ROOM, sizeof(*row));
    size_t n = row ? often_list(h->queries, row, TOP_ROOM) : 0;
    buf_reset(&h->frequent);
    for (size_t i = 0; i < n; i++) {
        struct str text = row[i].text, in = str_cut(&text, '\n');
        uint64_t count = row[i].count - row[i].error;
        if (count < 2 || row[i].total == 0)
            continue;
        buf_varstr(&h->frequent, in);
        put_query(&h->frequent, &(struct srch_query){text, count, row[i].total});
    }
    free(row);
}

void history_frequent(struct history *h, struct str in, struct buf *out)
{
    uint64_t now = clock_ns();
    if (!h || in.n > NAMES_BYTES)
        return;
    if (now - h->frequent_ns >= FREQUENT_NS) {
        list_frequent(h);
        h->frequent_ns = now;
    }
    if (!buf_ok(&h->frequent))
        return;
    struct str list = buf_str(&h->frequent), asked;
    struct srch_query q;
    size_t n = 0;
    while (n < HISTORY_FREQUENT && str_varstr(&list, &asked) && history_next(&list, &q))
        if (str_eq(asked, in)) {
            put_query(out, &q);
            n++;
        }
}

bool history_next(struct str *list, struct srch_query *out)
{
    return list->n > 0 && str_varint(list, &out->count) && str_varint(list, &out->documents) &&
           str_varstr(list, &out->text);
}

/* ---- replies ---- */

static void list_days(const struct history *h, struct reply *r, uint64_t limit)
{
    for (size_t i = 0; i < DAYS && i < limit; i++) {
        const struct day *d = &h->day[(h->today + DAYS - i) % DAYS];
        if (!d->date[0])
            return;
        reply_row_begin(r);
        reply_cell(r, "date", str_of(d->date));
        reply_cell_num(r, "searches", d->searches);
        reply_cell_num(r, "empty", d->empty);
        reply_cell_num(r, "slow", d->slow);
        reply_row_end(r);
    }
}

static void list_queries(const struct often *t, struct reply *r, uint64_t limit)
{
    size_t room = limit < TOP_ROOM ? (size_t)limit : TOP_ROOM;
    struct often_row *row = calloc(room + 1, sizeof(*row));
    size_t n = row ? often_list(t, row, room) : 0;
    for (size_t i = 0; i < n; i++) {
        struct str text = row[i].text, in = str_cut(&text, '\n');
        reply_row_begin(r);
        reply_cell_num(r, "count", row[i].count);
        reply_cell_num(r, "error", row[i].error);
        reply_cell_num(r, "total", row[i].total);
        reply_cell(r, "query", text);
        reply_cell(r, "in", in);
        reply_row_end(r);
    }
    free(row);
}

void history_top(const struct history *h, struct reply *r, enum top_by by, uint64_t limit)
{
    reply_begin(r, 210, "top");
    reply_rows_begin(r, by == TOP_DAY ? "days" : "queries");
    if (h && by == TOP_DAY)
        list_days(h, r, limit);
    else if (h)
        list_queries(by == TOP_EMPTY ? h->empty : h->queries, r, limit);
    reply_rows_end(r);
}

static void slow_row(const struct slow *s, struct reply *r)
{
    /* Milliseconds with two places. */
    const uint64_t took = s->us / 10, worked = s->worked_us / 10;
    char at[32];
    format_time(s->at, "%Y-%m-%dT%H:%M:%S%z", at, sizeof(at));
    reply_row_begin(r);
    reply_cell(r, "time", str_of(at));
    reply_cell_real(r, "ms", (double)took / 100);
    reply_cell_real(r, "worked_ms", (double)worked / 100);
    reply_cell_num(r, "code", (uint64_t)s->code);
    reply_cell_num(r, "total", s->total);
    reply_cell(r, "verb", str_of(s->verb));
    reply_cell(r, "text", str_from(s->text, s->n));
    reply_row_end(r);
}

void history_slow(const struct history *h, struct reply *r, uint64_t limit)
{
    uint64_t n = h ? h->nslow : 0;
    reply_begin(r, 210, "slowlog");
    reply_num(r, "n", n);
    reply_rows_begin(r, "requests");
    for (uint64_t i = 0; i < limit && i < n && i < SLOW_ROOM; i++)
        slow_row(&h->slow[(n - 1 - i) % SLOW_ROOM], r);
    reply_rows_end(r);
}
