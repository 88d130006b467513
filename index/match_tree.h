/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_MATCH_TREE_H
#define INDEX_MATCH_TREE_H

/* A query made ready to be run: for the files of the matcher. */

#include "match.h"
#include "post_cache.h"

C_BEGIN

/* A document counts as at least so long, in average lengths. */
#define BM25_MIN_LENGTH 0.5

/* What is known of a leaf in one segment. */
struct leaf_part {
    struct post_cache *cache;  /* that these are of */
    struct postings *postings; /* of a term; NULL until they are looked up */
    uint32_t *sum;             /* of a prefix: wdf by docid, plus one; NULL: it is in no document */
    uint64_t found;            /* documents */
};

/* A term, or all terms with a prefix. Each is there once, however often the query has it. */
struct leaf {
    struct str bytes;
    bool prefix;
    uint64_t most; /* of a prefix, as in struct ix_node; so are take and take_ctx */
    ix_take *take;
    void *take_ctx;
    bool cut;                        /* it has more terms than that */
    double weight;                   /* at endless wdf */
    struct leaf_part *part;          /* one a segment */
    size_t segment;                  /* that it is read in, counting from 1 */
    struct postings_place at, after; /* the first posting of the window; where reading came to */
    uint32_t window;                 /* that they are of, by its first docid */
};

/* IX_SCALE is not among them: it is in the factors of what is below. */
struct tree {
    enum ix_op op;
    struct leaf *leaf;  /* IX_TERM, IX_PREFIX */
    double factor;      /* of its weight; 0: it weighs nothing */
    double bound;       /* no document weighs more in the segment at hand */
    uint32_t mass;      /* of a kid of IX_ENOUGH */
    uint32_t least;     /* IX_ENOUGH */
    uint32_t low, high; /* IX_RANGE: dates */
    uint64_t since;     /* IX_SINCE */
    ix_accept *accept;  /* IX_WHERE; so are glance, which may be NULL, and accept_ctx */
    ix_glance *glance;
    void *accept_ctx;
    bool asks;                  /* there is an IX_WHERE in it */
    uint64_t most;              /* documents of the segment at hand that it may match */
    struct tree **kid, **order; /* `order`: by what is to be asked first */
    size_t nkid;
};

struct built {
    struct arena arena;
    struct tree *root;
    struct leaf **leaf;
    size_t nleaf, leaf_cap;
    size_t nsegment;
    uint64_t room; /* memory that is left for sums */
};

/* Make a query ready. ST_TOO_MUCH, ST_INTERNAL. */
enum st built_make(struct built *b, const struct ix_node *query, size_t nsegment, uint64_t room,
                   struct err *err);
void built_fini(struct built *b);

/* Look a leaf up in a segment. A prefix is given up once the deadline has passed; ST_TOO_MUCH when
 * there is no room for it. */
enum st leaf_find(struct built *b, struct leaf *leaf, size_t segment, struct columns *c,
                  uint64_t deadline_ns, bool *late, struct err *err);

C_END
#endif
