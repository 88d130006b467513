/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_QUERY_H
#define GONGBAO_QUERY_H

/* From what a reader types to what the index runs: parse into a tree, lower into a plan.
 *
 *     query = or
 *     or    = and *( ("|" / "OR") and )
 *     and   = not *( ["AND"] not )         all must hold
 *     not   = [ "-" / "NOT " ] prim        that does not
 *     prim  = near / field prim / "(" query ")"
 *     near  = leaf *( "~" N leaf )         both, with N characters between them at most
 *     leaf  = run / run "*" / exact
 *     run   = characters without white space
 *     exact = "…" or “…” or 「…」 or 『…』
 *     field = name ":"
 *
 * Names of fields, also with a colon of full width: title 标题, issuer 发布单位, tag 标签, url
 * 网址, id 编号, date 日期, who 人名. AND, OR and NOT are in capitals. All of it may be of full
 * width too.
 *
 * What has no place in this grammar is text, as a person means it who types it: an odd quote, a
 * bracket within a run, C#, a&b, :), a minus before a digit or alone. src/query/scan.c has the
 * rules. Strictly (q_opts.strict) it is ST_SYNTAX with its place.
 *
 * A date is a filter: bulletins of that day, month or year, and those that mention a day of it. It
 * is 2024-10-31, 20241031, 2024年10月31日, 2024-10 or 2024, a range A..B, A.. or ..B of such, or
 * one of 今天 昨天 本周 上周 本月 上月 今年 去年 近7天. The other fields: title: asks for the run
 * in the title; issuer: and tag: for a value that holds it, or when it is quoted is it; url: for an
 * address that holds it; id: and who: for just that.
 *
 * A quote opens at the beginning of a part and is closed by the next quote of its own kind. What
 * follows a closing quote directly is a run of its own. A quoted run of nothing but white space
 * asks for nothing.
 *
 * A run asks for every pair of neighbouring characters in it, and for its characters that have no
 * neighbour, IX_PREFIX_MAX of them at most in a query; an exact run also asks for its separators,
 * in this order and with nothing between. A run not quoted that is a number or a shorthand is also
 * found where a text has it with spaces, commas or other brackets: 9876元 in 9,876元. So is one
 * that may be a name of two characters where a text sets it with a space: 雷敏 in 雷　敏. Readings,
 * dots and quotes inside a run ask for nothing. A run without any letter, digit or Han character
 * asks for its marks, but when it is not quoted only if no run of the query holds text: 强调 · 部署
 * is 强调 部署.
 *
 *     struct q_node *tree;
 *     struct q_plan plan;
 *     st = q_parse(text, &opts, arena, &tree, err);
 *     if (st == ST_OK)
 *         st = q_lower(an, tree, &opts, arena, &plan, err);
 *     if (st == ST_OK)
 *         search.query = plan.all;
 */

#include <gongbao/analysis.h>
#include <gongbao/arena.h>
#include <gongbao/err.h>
#include <gongbao/index.h>

struct q_synonyms;

enum q_kind { Q_AND, Q_OR, Q_NOT, Q_FIELD, Q_NEAR, Q_RUN, Q_EXACT, Q_PREFIX, Q_DATE };

enum q_field { Q_ANYWHERE, Q_TITLE, Q_ISSUER, Q_TAG, Q_URL, Q_ID, Q_WHO, Q_DATES };

struct q_node {
    enum q_kind kind;
    struct str text;    /* of a leaf without quotes, star or what names a date; of others all */
    size_t offset;      /* of text in the query */
    struct str typed;   /* all of it; a slice of the query, as text is */
    enum q_field field; /* Q_FIELD: which; dates have leaves of their own instead */
    uint32_t distance;  /* Q_NEAR: characters between */
    struct q_node **kid;
    size_t nkid; /* Q_AND, Q_OR: two or more; Q_NEAR: two leaves; Q_NOT, Q_FIELD: one */
};

/* Bounds on a query, before anything reaches the index. */
struct q_limits {
    uint64_t runs;      /* leaves of the tree */
    uint64_t terms;     /* different terms of each run, added up; at most Q_TERMS_MAX */
    uint64_t depth;     /* of brackets and fields; at most Q_DEPTH_MAX */
    uint64_t expansion; /* terms that a star or a piece of a value stands for, a segment */
    uint64_t bytes;     /* of the query; 0: any number */
};

/* So many terms, each with a weight, strictly and relaxed, are as much as the index takes. */
#define Q_TERMS_MAX 500
#define Q_DEPTH_MAX 16

/* How much each kind of term counts, times BM25. A pair of characters that is a word, or a word
 * inside a long word, counts as both together. */
struct q_weights {
    double word, bigram;
    double character; /* one without a neighbour; as a word it counts as such too */
    double piece;     /* a word inside a long word of the query: 科学 of 科学家 */
};

struct q_check;

/* How a query is read. */
struct q_opts {
    struct q_limits limits;
    struct q_weights weights;
    bool strict;                       /* broken syntax is an error instead of text */
    struct an_date today;              /* what 昨天 and the like are counted from */
    const struct q_synonyms *synonyms; /* borrowed; may be NULL */
    struct q_check *check; /* for looking into stored text while the plan is searched; borrowed */
};

/* Words that stand for others, read from a file; src/query/synonyms.c has its form. ST_CONFIG names
 * the line. Several plans may use them, one at a time. */
enum st q_synonyms_open(const char *path, struct q_synonyms **out, struct err *err);
void q_synonyms_close(struct q_synonyms *s);

/* Parse text (valid UTF-8). ST_SYNTAX with its place: there is nothing to look for, or strictly
 * what is wrong; ST_TOO_MUCH names the limit and its value. The tree lives in the arena and borrows
 * text. */
enum st q_parse(struct str text, const struct q_opts *opts, struct arena *a, struct q_node **out,
                struct err *err);

/* Whether a piece of a query between white space has nothing in it by which it may be more than
 * text, in any of the forms that keyboards have for it. */
bool q_is_plain(struct str run);

/* Append the tree as one line: (and (run 高质量发展) (title (exact 5+5))). For an administrator who
 * asks how a query was understood, and for tests. */
void q_dump(const struct q_node *node, struct buf *out);

/* One run of the query, for checking stored text and for marking. Of the an_texts only cp and n
 * are set; they live in the arena. */
struct q_run {
    struct str typed;      /* as typed, a slice of the query; or with other words put in */
    struct an_text text;   /* folded, AN_VIEW_TEXT; without the marks around a run not quoted */
    struct an_text all;    /* the same, AN_VIEW_ALL; only when it may be a piece of a reading */
    struct an_text marks;  /* folded, AN_VIEW_MARKS; only when text is empty */
    struct an_text spaced; /* as a text may set it: 雷 敏 for 雷敏, 第 34 条; or empty */
    bool exact;            /* quoted */
    bool whole;            /* is marked only where all of it stands: a synonym, a name, a prefix */
    bool again;            /* another way to write the run before it: where either stands whole,
                              neither is marked in parts */
    struct an_text *word;  /* its words of two characters or more, folded, each once */
    size_t nword;
};

/* A run at the top of the query, not quoted, in no field and not left out: one that a search may do
 * without when it finds too little. Each run that is not in a unit is in `fixed`. */
struct q_unit {
    struct ix_node *any; /* any term of it */
    struct str *typed;   /* the terms that find of the run as it was typed */
    size_t ntyped;
};

/* A query made ready. Everything lives in the arena. */
struct q_plan {
    struct ix_node *all;  /* every run must be there */
    struct ix_node *some; /* relaxed: any term of any run that is not quoted, and all of the
                             exact runs; NULL when it would be no different */
    struct q_run *run;    /* those to be marked */
    size_t nrun;
    size_t nword; /* words of all runs together, but for other ways to write them */
    struct q_unit *unit;
    size_t nunit;
    /* What must hold whatever becomes of the units, for q_relaxed; each may be NULL. */
    struct ix_node *fixed;   /* all that is no unit and not below */
    struct ix_node *filter;  /* likewise, without a weight: dates, issuers; an AND of several */
    struct ix_node *without; /* what is left out; an OR of several */
    struct ix_node *rank;    /* what ranks beside: the words of all runs */
};

/* Make a tree ready. ST_SYNTAX when nothing in it can be looked for, or a date is none; ST_TOO_MUCH
 * names the limit and its value. */
enum st q_lower(struct an *an, const struct q_node *node, const struct q_opts *opts,
                struct arena *a, struct q_plan *out, struct err *err);

/* The plan's query with `units` in place of all its units: what is fixed must hold too, and what
 * ranks still does. units may be NULL: then none is asked for. NULL without memory, or when that
 * leaves nothing to look for. */
struct ix_node *q_relaxed(const struct q_plan *p, struct ix_node *units, struct arena *a);

/* Memory for the IX_WHERE nodes of plans, which look into stored text; reused from document to
 * document and from plan to plan. st is set when one of them failed, ST_NO_MEMORY, and is for the
 * caller to look at after a search, and to clear before it. */
struct q_check {
    struct an_text fold[3][2]; /* by enum an_view, of title and body */
    uint64_t key[3][2];        /* of what is folded there */
    struct an_text value;      /* of another field */
    enum st st;
};

void q_check_init(struct q_check *c);
void q_check_fini(struct q_check *c);

/* For ix_view_extract, the ctx being a struct q_check: the folded text of a document, two bytes a
 * character, in which the IX_WHERE nodes of plans look instead of reading it. One with more bytes
 * of title, body and address than Q_EXTRACT_MAX has a brief one. */
#define Q_EXTRACT_MAX ((size_t)256 << 10)
enum st q_extract(void *check, const struct ix_doc *doc, struct buf *out);

/* The same without the body: enough for titles and addresses. */
enum st q_extract_brief(void *check, const struct ix_doc *doc, struct buf *out);

/* The texts of an extract, two bytes a character; those beyond are all Q_BEYOND, as nothing else
 * is. False for a brief one. */
#define Q_BEYOND 0xfffeu
struct q_extracted {
    const uint16_t *title, *body;
    size_t ntitle, nbody;
};
bool q_extract_read(struct str extract, struct q_extracted *out);

/* Append the index query as one line, (and-maybe (and 1.5*经济 0.3*强*) 强), 强* being what begins
 * with 强 and has one character more at most, gong** what has any number more; terms with their
 * document frequencies (经济:1410) when view is not NULL. For the same people as q_dump. */
void q_dump_lowered(const struct ix_node *node, struct ix_view *view, struct buf *out);

#endif
