/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_SEARCH_H
#define GONGBAO_SEARCH_H

/* Requests to results: the one door through which the daemon searches.
 *
 * A searcher holds a lexicon, an analyzer and a reader for each named index. It is used by one
 * thread, which calls srch_refresh between requests, when the watch tells of a new generation and
 * as often as one should be seen where it cannot. Results live in the arena given with the request.
 */

#include <gongbao/analysis.h>
#include <gongbao/arena.h>
#include <gongbao/err.h>
#include <gongbao/index.h>
#include <gongbao/query.h>
#include <gongbao/snippet.h>

struct srch;

struct srch_index {
    const char *name;
    const char *dir;
    struct ix_reader *reader; /* searched instead of what is in dir when not NULL; borrowed */
};

struct srch_opts {
    const struct srch_index *index;
    size_t nindex;
    const char *lexicon;      /* path of the compiled lexicon; NULL: none, every Han character is
                                 a word */
    const char *synonyms;     /* path of words that stand for others; NULL: none */
    const struct lex *lex;    /* used instead of that file when not NULL; borrowed */
    struct q_weights weights; /* of kinds of term */
    double k1, b;             /* BM25; srch_search says how b is used */
    const char *stopwords;    /* path of a list of words that weigh little; NULL: none do */
    double stop;              /* what they weigh of what they would, 0 to 1 */
    double closeness, title;  /* how much it counts that runs stand together, or in the title */
    double half_life;         /* days in which halves what being new adds to a score; 0: nothing */
    uint64_t closeness_top;   /* so many of the best hits are looked at for that */
    uint64_t text_bytes;      /* memory for folded texts, which phrases are looked for in; 0: they
                                 are read */
    struct q_limits limits;
    uint64_t relax_below; /* fewer hits than this in all: partial matches follow them */
    double most;          /* first those with this share of what the query weighs; 0 to 1 */
    uint64_t snippet_columns;
    bool partial; /* go on without segments that are damaged; results then say so */
};

/* Open what is there. An index that is missing or damaged does not fail the opening: requests that
 * name it answer ST_NO_INDEX or ST_DAMAGED until it is there. A request on all indexes passes over
 * those that are missing, as long as there is one, and fails if one is damaged. When only the new
 * generation of an index is damaged, the one before goes on serving.
 *
 * With opts->partial a request is answered from the segments that are sound, as long as there is
 * one, whether the damage was there at opening or is met by the request. Results are then partial
 * and not exact.
 *
 * opts is borrowed for the searcher's life. ST_IO, ST_DAMAGED: the lexicon. */
enum st srch_open(const struct srch_opts *opts, struct srch **out, struct err *err);
void srch_close(struct srch *s);

/* Look for new generations and open them, which takes as long as reading their new files; errors
 * are kept for the requests that meet them. A request below does not look: it answers from the
 * generation that is open, and tries to open only an index that it has none of. */
void srch_refresh(struct srch *s);

/* Do a little of what makes later requests quick, a few milliseconds; whether there is more to do
 * now. To be called when there is nothing else to do, until it returns false and again later: the
 * words of a new generation are taken up when those of the one before have served for a while. */
bool srch_idle(struct srch *s);

/* A descriptor that is readable when srch_refresh may find something new; -1: there is none. */
int srch_watch(const struct srch *s);

/* What is published in these folders, as one number: it changes when a generation is published, or
 * an index comes or goes. One stat(2) for each. Never 0. */
uint64_t srch_published(const struct srch_index *index, size_t n);

/* The same number of what the searcher has open; 0 when something of it is damaged. As long as it
 * is that of what is published, the same request has the same answer. */
uint64_t srch_opened(const struct srch *s);

enum srch_sort { SRCH_BY_SCORE, SRCH_NEWEST, SRCH_OLDEST };

/* A query that is asked often. */
struct srch_query {
    struct str text;
    uint64_t count;     /* how often it came */
    uint64_t documents; /* that were its hits the last time */
};

struct srch_request {
    struct str text;
    struct str in;          /* names of indexes, with commas; empty: all */
    uint64_t limit, offset; /* memory goes by both: the caller bounds them */
    enum srch_sort sort;
    bool strict; /* what looks like broken syntax is an error instead of text */
    bool snippet;
    bool whole;                  /* the snippet is all of the text */
    uint64_t width;              /* columns of a snippet; 0: as configured */
    struct str facet;            /* names of facets, with commas: issuer year month tag who */
    struct str issuer, tag, who; /* filters; empty: none */
    struct str from, to;  /* filter by date: YYYY-MM-DD, YYYY-MM or YYYY, which the caller has
                             checked; empty: open */
    uint64_t since;       /* only what generations after this one brought; 0: all */
    bool by_year;         /* counts over time are by year, else by month */
    bool collapse;        /* of hits with nearly the same text, the first alone */
    uint64_t deadline_ns; /* CLOCK_MONOTONIC; 0: none */
    const struct srch_query *frequent; /* for srch_suggest */
    size_t nfrequent;
};

/* Hits in which all of the query was found come first, then those in which most of it was, then
 * those in which any of it was. */
struct srch_hit {
    uint64_t rank;     /* from 1, over all pages */
    double score;      /* never higher than that of the hit before */
    const char *index; /* name of the one that it is in */
    struct ix_doc doc;
    struct snip title; /* whole */
    struct snip body;  /* window; empty without snippets */
    uint64_t copies; /* other hits with nearly the same text, which total counts; collapsed only */
};

/* How many hits there are of each value, the most frequent first; equal ones by value, years and
 * months by value alone, the latest first. */
struct srch_facet {
    struct str name;
    struct srch_facet_row {
        struct str value;
        uint64_t n;
    } * row;
    size_t n;
    uint64_t more; /* values that are not told */
};

struct srch_result {
    uint64_t total; /* of the steps that were taken */
    bool exact;     /* total is of all there are, else there may be more */
    bool relaxed;   /* some hits are partial matches; total counts them too */
    bool partial;   /* the deadline passed with something to show, or before it was known what was
                       meant, or damaged segments are left out */
    double ms;
    uint64_t generation;
    struct srch_hit *hit;
    size_t nhit;
    struct srch_facet *facet; /* those asked for */
    size_t nfacet;
    bool missed;      /* no hit has all of the query as it stands */
    const char *via;  /* "pinyin" when it was missed as it stands and `meant` was searched instead;
                         else empty or NULL */
    struct str meant; /* otherwise what may have been meant by a query that was missed; or empty */
};

/* Hits are ranked by BM25 over words and bigrams. The longer the query, the more a bulletin's
 * length counts against it: one remembered word is there or it is not, whatever surrounds it,
 * while of a long question some words stand in any long text by chance. For n words b is used
 * times 1 - 2 / (n + 1). (That verbose queries want more smoothing by length: Zhai and Lafferty,
 * A study of smoothing methods for language models applied to ad hoc information retrieval, 2001,
 * section 6.)
 *
 * Stop words weigh less. The best hits are then ranked anew by how near the parts of the query
 * stand together in the stored text, and by whether they are the title; partial ones stay behind
 * those with all of the query. In the order of dates none of this counts.
 *
 * A page behind the last hit is empty. ST_DEADLINE when time ran out with nothing to show;
 * ST_SYNTAX and ST_TOO_MUCH with their place in the text; ST_BAD_VALUE for an unknown facet;
 * ST_NOT_FOUND for an unknown index name; ST_NO_INDEX; ST_DAMAGED; ST_NO_MEMORY. */
enum st srch_search(struct srch *s, const struct srch_request *req, struct arena *a,
                    struct srch_result *out, struct err *err);

/* How many documents match, all runs asked for (never relaxed): total, exact, partial, ms,
 * generation. The limit and offset of the request are not looked at. */
enum st srch_count(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct srch_result *out, struct err *err);

/* One document by its id, and the name of the index that it is in. ST_NOT_FOUND; when it is not
 * found and segments are left out, ST_DAMAGED. */
enum st srch_get(struct srch *s, struct str id, struct str in, struct arena *a, struct ix_doc *out,
                 const char **index, struct err *err);

/* A phrase where it is used. */
struct srch_use {
    const char *index;
    struct str id, date, title; /* of the document */
    bool in_title;              /* the place is in the title, else in the body */
    struct snip_place place;
};

struct srch_uses {
    struct srch_use *use;
    size_t n;
    uint64_t documents; /* that have the phrase, those not shown too */
    bool exact, partial;
    double ms;
    uint64_t generation;
};

/* The uses of the request's text as it stands, like a quoted run, by date: the newest first, or
 * the oldest with SRCH_OLDEST; those without a date last; `limit` at most behind the first
 * `offset`, several of a document. in, width, deadline_ns and the filters are looked at too. When
 * time runs out, those of the documents read so far, and partial. Errors as srch_search. */
enum st srch_kwic(struct srch *s, const struct srch_request *req, struct arena *a,
                  struct srch_uses *out, struct err *err);

/* The first use and the last one; none when there is none. The same place when it is the only
 * one of its documents. */
enum st srch_first(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct srch_uses *out, struct err *err);

/* How many documents of each month, or with by_year of each year, the query finds, never relaxed;
 * the earliest first, without those of which there are none. */
struct srch_trend {
    struct srch_facet_row *row; /* value: 2024-10, or 2024 */
    size_t n;
    uint64_t total;
    uint64_t undated; /* of them, without a date */
    bool exact, partial;
    double ms;
    uint64_t generation;
};

enum st srch_trend(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct srch_trend *out, struct err *err);

/* The documents most like the one whose id is the request's text (in, limit, deadline_ns and the
 * filters are looked at): those that share its most telling terms, ranked by them; before them, the
 * more alike the earlier, those whose bodies are nearly the same. */
struct srch_like {
    double score;
    double resemblance; /* of the bodies, 0 to 1: pairs of characters that both have over those that
                           any has */
    const char *index;
    struct ix_doc doc;
};

struct srch_similar {
    struct srch_like *like;
    size_t n;
    struct str *term; /* what was looked for, the most telling first */
    size_t nterm;
    bool partial;
    double ms;
    uint64_t generation;
};

/* ST_NOT_FOUND without such a document; otherwise as srch_search. */
enum st srch_similar(struct srch *s, const struct srch_request *req, struct arena *a,
                     struct srch_similar *out, struct err *err);

#define SRCH_MEANT_MAX 3

/* What may have been meant, the likeliest first; each finds something. */
struct srch_meant {
    struct str text[SRCH_MEANT_MAX];
    size_t n;
    const char *via; /* "pinyin" when letters were read, else "" */
};

/* What may have been meant by a text: words read from pinyin or initials (lishui, lsw), or what is
 * there with other characters that sound or look alike, or with one more, one less or another one
 * (经剂发展: 经济发展). What finds something as it stands is left alone, unless that is next to
 * nothing beside what the other text finds; so there is nothing when there is nothing to correct.
 * Of the request `text`, `in`, `limit` (up to SRCH_MEANT_MAX) and `deadline_ns` count. Errors as
 * srch_search; ST_DEADLINE also when the words of the indexes are not counted by then. */
enum st srch_spell(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct srch_meant *out, struct err *err);

struct srch_suggestion {
    struct str text;
    enum { SRCH_WORD, SRCH_TITLE, SRCH_QUERY } kind;
    uint64_t documents; /* that have the word, or were hits of the query; 1 for a title */
};

/* How a text that is being typed may go on, by characters or by pinyin: with queries of the request
 * that do, in their order, half of the list at most; with words of the indexes, the most frequent
 * first; and with titles that have it, for which a quarter of the list is kept. No two fold alike.
 * Of the request `text`, `in`, `limit` (up to 100), `frequent` and `deadline_ns` count. Errors as
 * srch_search, but a text that is no query gives none. */
enum st srch_suggest(struct srch *s, const struct srch_request *req, struct arena *a,
                     struct srch_suggestion **out, size_t *n, struct err *err);

struct srch_token {
    struct str slice; /* of the text given */
    struct str term;  /* folded characters, without a term prefix */
    enum an_kind kind;
    uint32_t start, end;
    bool aside;
};

/* The tokens of text as the analyzer sees it. */
enum st srch_analyze(struct srch *s, struct str text, struct arena *a, struct srch_token **out,
                     size_t *n, struct err *err);

/* An edge of the word graph, see an_graph. */
struct srch_edge {
    struct str slice, term; /* as those of a token */
    enum an_kind kind;
    uint32_t start, end;
    double weight; /* -ln of its probability, in hundredths */
    double total;  /* of the best path that ends with it, likewise */
    bool chosen;
};

/* The word graph of text, in order of end. */
enum st srch_graph(struct srch *s, struct str text, struct arena *a, struct srch_edge **out,
                   size_t *n, struct err *err);

/* A step of a search: "parse", "lower", "scope", then a step for each query that is run,
 * "closeness" behind one whose hits were read for it, "page". */
struct srch_step {
    const char *name;
    enum srch_kind {
        SRCH_NO_QUERY,
        SRCH_ALL, /* every run is there */
        SRCH_MOST,
        SRCH_ANY
    } kind;
    double ms;
    uint64_t postings; /* in the lists of its terms, each list once: what it may have to read */
    uint64_t hits;     /* those that a step before found, too */
    struct str query;  /* as lowered, terms with their frequencies; empty: it runs none */
    const struct ix_node *lowered; /* the same; NULL */
};

/* One run of the query as it was typed, and its tokens. */
struct srch_run {
    struct str typed;
    struct srch_token *token;
    size_t ntoken;
};

/* What a score is made of beside terms: for the tables of EXPLAIN and WHY. */
struct srch_beside {
    double closeness; /* that runs stand together */
    double title;     /* that they are the title */
    double freshness; /* that it is new */
    double behind;    /* below 0: taken off, so that it stays behind hits with more of the query */
};

struct srch_explained {
    struct str parsed; /* see q_dump */
    struct srch_run *run;
    size_t nrun;
    struct srch_term {
        struct str term;
        uint64_t documents; /* that have it, tombstoned ones included */
    } * term;               /* of all steps, each once */
    size_t nterm;
    struct srch_step *step;
    size_t nstep;
    const char *used;           /* the step that brought the last hit; or "none" */
    struct srch_beside *beside; /* of each hit; what is left of its score is of terms */
    struct srch_result result;
};

/* Do a search and tell how: out->result is what srch_search gives, and its ms do not count the
 * telling. Errors as srch_search. */
enum st srch_explain(struct srch *s, const struct srch_request *req, struct arena *a,
                     struct srch_explained *out, struct err *err);

/* Where a document fell out of a search, or stands in it. */
enum srch_at {
    SRCH_AT_HIT,         /* it is a hit */
    SRCH_AT_NOT_INDEXED, /* no index that was asked has a document with this id */
    SRCH_AT_TOMBSTONE,   /* it was there, and was deleted */
    SRCH_AT_DAMAGE,      /* it is in nothing that can be read, and not all of it can be */
    SRCH_AT_FILTER,      /* a filter of the request, or a date, keeps it out */
    SRCH_AT_PART,        /* a part of the query is not in it */
    SRCH_AT_BEHIND       /* all of the query is in it: time ran out, or another one stands for it */
};

/* "hit" "not-indexed" ... */
const char *srch_at_name(enum srch_at at);

/* A part of the query: a run, quoted or not, a field, a date; or a filter of the request. */
struct srch_part {
    struct str query; /* as q_dump shows it */
    bool held;        /* the document has it */
    const char *why;  /* when it has not: "term", a term is absent; "text", the terms are all there,
                         but not as they were typed; "field", it may be there, but not in this
                         field; "excluded", what was to be left out is in it; "date"; "filter"; or
                         "idle", the part asks for nothing; else "" */
    struct str absent; /* the terms that are, with spaces between */
};

struct srch_why {
    enum srch_at at;
    const char *message; /* in words */
    uint64_t rank;       /* of a hit, from 1 */
    double score;
    const char *step; /* that found it; "none" */
    uint64_t total;
    bool exact;
    double ms;
    uint64_t generation;
    const char *index; /* that has the document; "" */
    const char *via;   /* as of a search: the parts and terms are those of what was read */
    struct str meant;
    struct srch_part *part;
    size_t npart;
    struct srch_weight {
        struct str term;
        uint64_t documents; /* that have it */
        double weight;      /* what it adds to the score; 0: the document does not have it */
    } * weight;             /* the terms of the step; those that any step would look for when no
                               step found the document */
    size_t nweight;
    struct srch_beside beside; /* of a hit: with the weights of its terms, its score */
};

/* Why a search shows the document with an id where it does, or does not show it: its limit and
 * offset are not looked at. Errors as srch_search; an id that is not there is none. */
enum st srch_why(struct srch *s, const struct srch_request *req, struct str id, struct arena *a,
                 struct srch_why *out, struct err *err);

struct srch_stats {
    struct ix_info index; /* summed over the indexes; generation: the highest */
    struct lex_info lexicon;
    size_t nindex;
    struct srch_index_stats {
        const char *name;
        struct ix_info info;
        enum st st;                      /* ST_OK, ST_NO_INDEX, or how the last opening failed */
        const char *state;               /* "ok", "missing", or what is wrong with it */
        struct ix_segment_info *segment; /* info.segments of them */
    } * each;                            /* nindex of them */
};

enum st srch_stats(struct srch *s, struct arena *a, struct srch_stats *out, struct err *err);

#endif
