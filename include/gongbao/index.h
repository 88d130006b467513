/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INDEX_H
#define GONGBAO_INDEX_H

/* The index: immutable segments, one manifest, tombstones, and queries over them.
 *
 * This is the only way to libxapian. Nothing here knows Chinese: terms come finished, as bytes.
 * index/FORMAT.md describes every byte on disk. No exception leaves this room; a libxapian error
 * becomes ST_DAMAGED, ST_IO or ST_INTERNAL with its text.
 *
 * Readers and views are for one thread each. An open reader needs nothing of the folder any more:
 * later batches may remove its files.
 */

#include <gongbao/arena.h>
#include <gongbao/buf.h>
#include <gongbao/err.h>

/* ---- documents ---- */

struct ix_doc {
    struct str id; /* unique in the index; 1 to IX_ID_MAX bytes of UTF-8 */
    struct str title;
    struct str body;
    struct str date; /* "YYYY-MM-DD" or empty */
    struct str issuer;
    struct str url;
    const struct str *tags;
    size_t ntags;
    const struct str *audience;
    size_t naudience;
    struct str extra; /* the other keys, as the text of one JSON object, or empty */
};

#define IX_ID_MAX   1024
#define IX_TERM_MAX 245 /* bytes; what glass can hold */

/* A finished term of a document: its bytes and how often it occurs there (weighted). */
struct ix_term {
    struct str bytes; /* 1 to IX_TERM_MAX, where a NUL counts twice */
    uint32_t wdf;
};

/* Terms that this room adds by itself from the fields of a document; prefix and field:
 * Q id, D date (YYYYMMDD), M month (YYYYMM), Y year, I issuer, K each tag, V each audience group.
 * A value too long for a term is replaced by a hash of it. Slot 0 holds the date as YYYYMMDD, slot
 * 1 64 bits made of all terms with a frequency, few of which differ between texts that differ
 * little. Terms that are given may begin with anything but these seven letters. */
enum ix_field { IX_ID, IX_DATE, IX_MONTH, IX_YEAR, IX_ISSUER, IX_TAG, IX_AUDIENCE };

/* A day that a document mentions, its month and its year, T20241031, T202410 and T2024: given like
 * any other term. */
#define IX_TERM_DAY "T"

/* A name that a document mentions, folded: given like any other term. */
#define IX_TERM_NAME "W"

/* The term of a field's value, in the arena; {NULL, 0} when that failed. */
struct str ix_field_term(enum ix_field field, struct str value, struct arena *a);

enum ix_slot { IX_SLOT_DATE, IX_SLOT_SIMHASH };

/* ---- reading ---- */

struct ix_reader; /* one index folder at one generation */

/* Open the current generation. Every file is read and held against its checksum. ST_NO_INDEX when
 * the folder holds no manifest; ST_DAMAGED naming the file; ST_IO. */
enum st ix_reader_open(const char *dir, struct ix_reader **out, struct err *err);

/* The same with options. A partial reader does without the segments that are damaged: views over
 * it leave them out, ix_view_whole tells so, and ix_reader_segment what is wrong with each.
 * ST_DAMAGED is then only said of the manifest. */
struct ix_reader_opts {
    bool partial;
};
enum st ix_reader_open_opts(const char *dir, const struct ix_reader_opts *opts,
                            struct ix_reader **out, struct err *err);

/* Open the current generation of old's folder as old was opened, sharing the segments that old has
 * too: only what is new is read, and what is damaged is read again. old stays open; the two may be
 * closed in any order. */
enum st ix_reader_reopen(const struct ix_reader *old, struct ix_reader **out, struct err *err);

void ix_reader_close(struct ix_reader *r);

/* Whether another generation has been published since, or the index has gone. One stat(2). */
bool ix_reader_stale(const struct ix_reader *r);

/* A number that tells what is published in a folder, 0 for nothing, from what was before; and the
 * number of what a reader has open. They are equal when the reader is not stale. One stat(2). */
uint64_t ix_stamp(const char *dir);
uint64_t ix_reader_stamp(const struct ix_reader *r);

/* A descriptor that becomes readable when another generation may have been published in one of the
 * folders added to it; -1 when the system has none to give, or cannot tell. It may stay silent (a
 * file system over the network does) and it may wake for nothing, so it saves waiting, not looking.
 * The caller closes it. To add a folder again, or one that is not there, does no harm. */
int ix_watch_open(void);
void ix_watch_add(int fd, const char *dir);
void ix_watch_clear(int fd); /* until the next time; look after this, not before */

struct ix_info {
    uint64_t generation;
    uint64_t documents; /* live ones */
    uint64_t segments;
    uint64_t tombstones; /* documents replaced or deleted, still in a segment */
    uint64_t body_bytes; /* of live documents */
    uint64_t disk_bytes;
    uint64_t published; /* Unix time of the manifest */
    uint64_t damaged;   /* segments known to be */
};

void ix_reader_info(const struct ix_reader *r, struct ix_info *out);

/* The generation that is published in dir, as its manifest alone tells it: nothing else is read or
 * verified. ST_NO_INDEX, ST_DAMAGED, ST_IO. */
enum st ix_generation(const char *dir, uint64_t *out, struct err *err);

struct ix_segment_info {
    struct str name;
    uint64_t documents; /* written, tombstoned ones included */
    uint64_t tombstones;
    uint64_t body_bytes, disk_bytes;
    uint64_t lexicon;  /* stamp of the lexicon it was built with; 0: merged of several */
    uint32_t fold;     /* version of the fold tables */
    struct str damage; /* what is known to be wrong with it; empty: nothing */
};

/* The i-th segment, i < info.segments; strings live as long as the reader. For an administrator who
 * looks where the bytes and the tombstones are, and for tests. */
void ix_reader_segment(const struct ix_reader *r, size_t i, struct ix_segment_info *out);

/* Check everything that can be checked: manifests, checksums of every file of the kept generations,
 * glass structure, tombstones, and of each live document that what is stored agrees with its terms,
 * its values, its length, and with what the manifest counts. `say` is called with one line a
 * finding. ST_DAMAGED when there was one. A segment whose files may be read but not written has its
 * structure left out, and a line that says so, which is no finding. */
typedef void ix_say(void *ctx, const char *line);
enum st ix_check(const char *dir, ix_say *say, void *ctx, struct err *err);

/* ---- queries ---- */

/* Told whether a candidate counts; returning false drops it. It sees the stored document. It must
 * be quick; it is not called after the deadline. */
typedef bool ix_accept(void *ctx, const struct ix_doc *doc);

/* The same, told what is kept in memory of the document (ix_view_extract). It must answer as
 * ix_accept would, or have the document read. */
enum ix_seen { IX_NO, IX_YES, IX_READ };
typedef enum ix_seen ix_glance(void *ctx, struct str extract);

/* Told whether a term counts. */
typedef bool ix_take(void *ctx, struct str term);

/* A query as plain data, in an arena; nodes may be shared. A node that needs kids and has none
 * finds nothing. Deeper trees, or larger ones (shared nodes count each time), are ST_TOO_MUCH: who
 * makes them of what people type bounds that first, by limits that have a name for them. */
#define IX_DEPTH_MAX  128
#define IX_NODES_MAX  4096
#define IX_PREFIX_MAX 64 /* IX_PREFIX among them; each takes 4 bytes a document */
#define IX_MASS_MAX   (1 << 20)

enum ix_op {
    IX_TERM,      /* documents with a term, weighed by BM25 */
    IX_PREFIX,    /* documents with a term that is these bytes, or these and one character more (in
                     UTF-8), weighed like one that occurs as often as all of them. A frequent
                     character takes some ten milliseconds a 50,000 documents */
    IX_ALL,       /* every document, weight 0 */
    IX_NONE,      /* no document */
    IX_AND,       /* all kids; weights add up */
    IX_OR,        /* any kid; weights add up */
    IX_AND_MAYBE, /* kid 0; weights of the other kids are added where they match */
    IX_FILTER,    /* kid 0 where all the others match; their weights do not count */
    IX_AND_NOT,   /* kid 0 where none of the others matches */
    IX_ENOUGH,    /* documents in which the masses of the kids that match come to `least`, and any
                     kid matches; weights add up */
    IX_SCALE,     /* kid 0 with its weights times factor */
    IX_WHERE,     /* documents of kid 0 that `accept` takes, weighed like kid 0 */
    IX_SINCE,     /* documents that generations after `since` brought, weight 0 */
    IX_RANGE      /* documents whose slot has a value in [low, high], weight 0; an empty high: no
                     upper bound */
};

struct ix_node {
    enum ix_op op;
    struct str term; /* IX_TERM, IX_PREFIX: bytes, one or more; IX_RANGE: low */
    struct str high; /* IX_RANGE */
    enum ix_slot slot;
    double factor; /* IX_SCALE: not negative */
    uint64_t most; /* IX_PREFIX: when not 0, any number of characters more, but in a segment no
                      more terms than this: the first ones, and the result is cut */
    ix_take *take; /* IX_PREFIX: of those terms the ones that it takes; may be NULL */
    void *take_ctx;
    const uint32_t *mass; /* IX_ENOUGH: of each kid, at most IX_MASS_MAX */
    uint32_t least;
    uint64_t since;    /* IX_SINCE */
    ix_accept *accept; /* IX_WHERE: asked last, when the document is known to match kid 0 and all
                          that is ANDed with it */
    ix_glance *glance; /* IX_WHERE: asked before, where there is an extract; may be NULL */
    void *accept_ctx;  /* of both */
    struct ix_node **kid;
    size_t nkid;
};

/* Several indexes searched as one. Readers are borrowed and outlive the view. The same index may be
 * among them twice, but not at two generations: ST_CONFIG. */
struct ix_view;

enum st ix_view_open(struct ix_reader *const *readers, size_t n, struct ix_view **out,
                     struct err *err);
void ix_view_close(struct ix_view *v);

/* Live documents, those of segments that are left out not counted. */
uint64_t ix_view_documents(const struct ix_view *v);

/* Whether no segment is left out; if one is, *err tells of the first, ST_DAMAGED. */
bool ix_view_whole(const struct ix_view *v, struct err *err);

/* See that no file under the view has been written into since it was opened, which costs two
 * stat(2) a segment; one that has been is read and held against its checksum, and so is one that
 * was linked, which cannot be told from it. To be called before each request: libxapian may crash
 * on bytes that changed under it. ST_DAMAGED names the file.
 *
 * A segment on which this or another call on a view failed with ST_DAMAGED is remembered by its
 * reader. When that is a partial one, a view that is opened from then on leaves it out. */
enum st ix_view_verify(struct ix_view *v, struct err *err);

/* What searches may keep in memory of a document, so that IX_WHERE need not read it: what `make`
 * appends, the same for the same document all through the process; nothing, when it cannot be done
 * without the document. Segments keep it as long as they are open, for all views over them, and it
 * stops where it is `bytes` for all segments of a view. Where it comes near to that, `brief` is
 * asked instead, so that something short is known of as many documents as possible; it may be NULL.
 * Of one that make fails to make, a search reads
 * the document; warming ends with its status. */
struct ix_extract {
    enum st (*make)(void *ctx, const struct ix_doc *doc, struct buf *out);
    void *ctx;
    uint64_t bytes;
    enum st (*brief)(void *ctx, const struct ix_doc *doc, struct buf *out);
};
void ix_view_extract(struct ix_view *v, const struct ix_extract *how);

/* The extract of a document of the view, as long as the view; empty when none is kept. */
struct str ix_view_extracted(const struct ix_view *v, uint64_t doc);

/* Make extracts ahead of searches, until there are all or no more may be, or until a time
 * (CLOCK_MONOTONIC), and then *more is set. */
enum st ix_view_warm(struct ix_view *v, uint64_t until_ns, bool *more, struct err *err);

/* The number, in the array given to ix_view_open, of the reader that a document of the view is of;
 * doc comes from ix_search or ix_find. */
size_t ix_view_reader(const struct ix_view *v, uint64_t doc);

/* The date of a document of the view, as 20241031, without reading it; 0: it has none. */
uint32_t ix_view_date(const struct ix_view *v, uint64_t doc);

/* In how many documents of the view a term occurs (tombstoned ones included). */
enum st ix_view_frequency(const struct ix_view *v, struct str term, uint64_t *out, struct err *err);

/* The inverse document frequency that a term of such a frequency has in the view's searches; never
 * below 0. */
double ix_view_idf(const struct ix_view *v, uint64_t frequency);

/* Hand over the terms of a view that are no less than `from`, in the order of their bytes, each
 * with its frequency, until take returns false. A term lives for the time of the call. ST_DAMAGED.
 */
typedef bool ix_take_term(void *ctx, struct str term, uint64_t frequency);
enum st ix_view_terms(const struct ix_view *v, struct str from, ix_take_term *take, void *ctx,
                      struct err *err);

struct ix_hit {
    uint64_t doc; /* good for ix_document on this view */
    double score;
};

/* Of equal scores those without a date first, for nobody can say that they are old, then the
 * newest; by date those without one are last; equal dates by id, in bytes. So no two hits are
 * equal, and pages never overlap or skip. */
enum ix_order { IX_BY_SCORE, IX_NEWEST, IX_OLDEST };

/* Told of a hit, in no order that counts. */
typedef void ix_visit(void *ctx, uint64_t doc, double score);

struct ix_search {
    const struct ix_node *query;
    enum ix_order order;
    uint64_t offset, limit;
    uint64_t deadline_ns;  /* CLOCK_MONOTONIC; 0: none */
    uint64_t prefix_bytes; /* memory for all IX_PREFIX of the query, beyond which it is ST_TOO_MUCH;
                              0: 128 MiB */
    double k1, b;          /* BM25 (Robertson and Zaragoza 2009, section 3.4) */
    double half_life;      /* days; scores are multiplied by ix_freshness. 0: dates do not count */
    uint32_t today;        /* for that; as 20241031 */
    bool best;             /* only hits of the page are wanted, by score: the total may be less than
                              there are, and is then not exact */
    ix_visit *visit;       /* NULL, or told of every hit, whatever the page */
    void *visit_ctx;
};

/* What the date of a document, 0 for none, makes of its score: 1 + 2^(-age / half_life), one from
 * the future being of today and one without a date as old as the half-life; 1 without a half-life.
 */
double ix_freshness(double half_life, uint32_t today, uint32_t date);

struct ix_result {
    struct ix_hit *hit; /* in the arena, in their order */
    size_t n;
    uint64_t total; /* of all hits, tombstoned ones never among them */
    bool exact;     /* total is of all documents; without `best` only time and cuts prevent that */
    bool timed_out; /* the deadline passed: hits and total are of what was seen */
    bool cut;       /* a prefix had more terms than it may: hits are missing */
};

/* ST_OK also when timed out. ST_DAMAGED names the segment. ST_TOO_MUCH. */
enum st ix_search(struct ix_view *v, const struct ix_search *q, struct arena *a,
                  struct ix_result *out, struct err *err);

/* ---- counting hits ---- */

/* How many of the documents that it is told of have which value. What it counts by is read from the
 * index when it is first asked for and stays in memory with the segment. */
enum ix_tally_of { IX_TALLY_ISSUER, IX_TALLY_TAG, IX_TALLY_NAME };
#define IX_TALLIES 3

struct ix_tally;

enum st ix_tally_open(struct ix_view *v, enum ix_tally_of of, struct ix_tally **out,
                      struct err *err);
void ix_tally_close(struct ix_tally *t);
void ix_tally_reset(struct ix_tally *t);
void ix_tally_add(struct ix_tally *t, uint64_t doc);

struct ix_count {
    struct str value;
    uint64_t n;
};

/* The values with the highest counts, max of them at most, equal ones by value; *more: how many
 * others were met. In the arena. */
enum st ix_tally_top(const struct ix_tally *t, size_t max, struct arena *a, struct ix_count **out,
                     size_t *n, uint64_t *more, struct err *err);

/* The number of 64 bits that a document's terms make; 0: none. Those of texts that are nearly the
 * same differ in three bits at most. */
uint64_t ix_view_simhash(const struct ix_view *v, uint64_t doc);

/* A stored document; its strings live in the arena. ST_NOT_FOUND for a number that no document has;
 * ST_DAMAGED names the segment. */
enum st ix_document(struct ix_view *v, uint64_t doc, struct arena *a, struct ix_doc *out,
                    struct err *err);

/* The live document with an id. ST_NOT_FOUND. */
enum st ix_find(struct ix_view *v, struct str id, uint64_t *doc, struct err *err);

/* The name of a segment that still holds a document with an id that was replaced or deleted, living
 * as long as the view; ST_NOT_FOUND when none does, which a merge may have seen to. */
enum st ix_find_dead(struct ix_view *v, struct str id, struct str *segment, struct err *err);

/* ---- writing ---- */

struct ix_writer; /* one batch */

struct ix_writer_opts {
    uint64_t segment_bytes; /* body bytes after which a segment is finished; 0: a default */
    uint64_t memory;  /* bytes of postings to hold; more are spilled to a file; 0: a default */
    unsigned jobs;    /* threads that finish a segment; 0: one. They change no byte of it */
    uint64_t lexicon; /* kept with each segment */
    uint32_t fold;
    uint64_t merge_ms; /* time for merging at the end of the batch; 0: a default */
    bool optimize;     /* publishing leaves one segment (one a fold), however long it takes */
    /* Asked now and then, by any thread, while segments are merged: once it is true, publishing
     * ends with ST_STOPPING, and nothing has changed. May be NULL. */
    bool (*stopped)(const void *ctx);
    const void *stopped_ctx;
};

#define IX_NO_MERGE UINT64_MAX /* as merge_ms */

/* Take the index for writing, making the folder when it is missing, and sweep what an interrupted
 * batch left. ST_LOCKED at once when another writer holds it; ST_DAMAGED when what is there cannot
 * be built upon. */
enum st ix_writer_open(const char *dir, const struct ix_writer_opts *opts, struct ix_writer **out,
                       struct err *err);

/* Abandon what is not published, release the index. */
void ix_writer_close(struct ix_writer *w);

enum ix_change { IX_NEW, IX_CHANGED, IX_SAME };

/* What putting doc would do: compares every stored field with the live document of the same id,
 * one put earlier in this batch included. */
enum st ix_writer_compare(struct ix_writer *w, const struct ix_doc *doc, enum ix_change *out,
                          struct err *err);

/* Add doc with its content terms, in any order, no term twice; the live document of the same id is
 * replaced. ST_REJECTED for a document that cannot be taken (its id, its date, a term, its size):
 * nothing has then been done, and the batch goes on. After any other failure it can only be
 * closed. */
enum st ix_writer_put(struct ix_writer *w, const struct ix_doc *doc, const struct ix_term *terms,
                      size_t nterms, struct err *err);

/* Delete the document with an id; *was tells whether there was one. Failures as with put. */
enum st ix_writer_delete(struct ix_writer *w, struct str id, bool *was, struct err *err);

/* Make the batch durable and visible, all of it at once, as the next generation. Segments of which
 * there are too many are merged on the way, and where that fails for want of room or time they stay
 * as they are; opts.optimize asks for more, and its failures end the batch. With nothing changed,
 * or all of it changed back, and nothing to optimize, no generation is made and the current one is
 * told; the first publish of an empty batch makes generation 1 of an empty index. Afterwards,
 * whatever came of it, the writer can only be closed. */
enum st ix_writer_publish(struct ix_writer *w, uint64_t *generation, struct err *err);

/* Do all of publishing but the last step, and open what it would put in force, so that somebody
 * can look at it before: *out is a reader, the caller's, of the generation to come, or NULL when
 * none would be made. Opening it takes as long as reading the whole index. Afterwards the writer
 * can only be published or closed, the reader being closed first; readers of the folder see nothing
 * of the batch before it is published. Failures as with publishing. */
enum st ix_writer_prepare(struct ix_writer *w, struct ix_reader **out, struct err *err);

/* ---- writing on several threads ---- */

/* Documents of a batch come in chunks: the writer's thread admits them, any other analyses them
 * and gives the chunk their terms, and the writer's thread takes the chunk back.
 *
 *     ix_writer_admit(w, &doc, &change, err);                   the writer's thread
 *     if (ix_writer_chunk_full(w))
 *         ix_writer_detach(w, &c, err);
 *
 *     for (i = 0; i < admitted; i++) {                          any thread
 *         ix_chunk_doc(c, i, &arena, &doc, err);
 *         ix_chunk_put(c, i, terms, n, err);
 *     }
 *     ix_chunk_end(c, err);
 *
 *     ix_writer_take(w, c, err);                                the writer's thread
 *
 * Where a chunk ends depends on its documents alone, so the same documents make the same bytes
 * whatever the number of threads. A batch that is to be published has had its last chunk detached,
 * however few documents it holds, and every one taken. ix_writer_put does all this in one call; it
 * and admitting are not mixed in a batch. */
struct ix_chunk;

#define IX_DOC_MAX ((size_t)90 << 20) /* bytes of all fields of a document, about */

/* Compare doc with the live document of its id, as ix_writer_compare does; unless they are the same
 * (IX_SAME), copy it into the open chunk and replace the other one. ST_REJECTED (its id, its date,
 * its size): nothing has then been done, and the batch goes on. After any other failure it can only
 * be closed. */
enum st ix_writer_admit(struct ix_writer *w, const struct ix_doc *doc, enum ix_change *out,
                        struct err *err);

/* Whether the open chunk is to be detached now: nothing can be admitted before. */
bool ix_writer_chunk_full(const struct ix_writer *w);

/* Hand over the open chunk; NULL when nothing was admitted since the last one. */
enum st ix_writer_detach(struct ix_writer *w, struct ix_chunk **out, struct err *err);

/* Whether a chunk holds a document so large that work on it takes the memory of many others. */
bool ix_chunk_huge(const struct ix_chunk *c);

/* Document i of the chunk, in the order of admitting, from 0 on: its strings are the chunk's, its
 * arrays in the arena. */
enum st ix_chunk_doc(const struct ix_chunk *c, size_t i, struct arena *a, struct ix_doc *out,
                     struct err *err);

/* Give document i its content terms as with ix_writer_put: i is 0, 1 and so on, each once. A term
 * that ix_writer_put would reject is ST_INTERNAL. */
enum st ix_chunk_put(struct ix_chunk *c, size_t i, const struct ix_term *terms, size_t nterms,
                     struct err *err);

/* Every document has its terms. After a failure of this or the calls above a chunk can only be
 * freed. */
enum st ix_chunk_end(struct ix_chunk *c, struct err *err);

/* Take an ended chunk, whatever comes of it; chunks come in the order in which they were detached.
 * After a failure the batch can only be closed. */
enum st ix_writer_take(struct ix_writer *w, struct ix_chunk *take_c, struct err *err);

/* For a chunk that will not be taken; its writer is still open. The batch can then only be
 * closed. */
void ix_chunk_free(struct ix_chunk *c);

/* ---- going back, and copies ---- */

/* Make the generation before the current one the next one: what it consists of is verified and
 * published again under a new number, so that readers see it like any other. Afterwards the one
 * that was taken back is the one before, and a second call takes the first one back. ST_NO_INDEX
 * when there is no index; ST_NOT_FOUND when there is no generation before; ST_LOCKED, ST_DAMAGED,
 * ST_IO. */
enum st ix_rollback(const char *dir, uint64_t *generation, struct err *err);

struct ix_copy_opts {
    bool copy;  /* files are copied; otherwise linked (link(2)) where that is possible */
    bool force; /* restoring: whatever is there is put aside */
};

/* Copy the current generation of the index in dir into the new folder `to`, which is an index
 * itself then. Writers and readers may be at work meanwhile. The copy is verified and durable when
 * it gets its name; until then it is "TO.partial", of which one that an interrupted call left is
 * removed. ST_USAGE when there is something at `to` or it lies in dir; ST_LOCKED when another call
 * is at work on it; ST_NO_INDEX, ST_DAMAGED, ST_IO. */
enum st ix_backup(const char *dir, const char *to, const struct ix_copy_opts *opts,
                  uint64_t *generation, struct err *err);

struct ix_restored {
    uint64_t generation;
    char aside[4096]; /* where what was there before is now; empty when there was nothing */
};

/* Put a copy of the index in `from` in the place of the one in dir, at one moment: readers see the
 * one or the other. What was there is kept in a folder beside it, "DIR.old" or, where that is
 * taken, "DIR.old-2" and so on. ST_REJECTED when what is there is newer, is another index (they
 * have no segment in common), or is none, unless opts->force; ST_LOCKED; otherwise as ix_backup. */
enum st ix_restore(const char *from, const char *dir, const struct ix_copy_opts *opts,
                   struct ix_restored *out, struct err *err);

#endif
