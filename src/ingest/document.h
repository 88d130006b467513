/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INGEST_DOCUMENT_H
#define GONGBAO_INGEST_DOCUMENT_H

/* One document on its way into the index: what it must be, and what terms it has. */

#include <gongbao/analysis.h>
#include <gongbao/arena.h>
#include <gongbao/index.h>

/* ---- check.c ---- */

/* Whether a document can be taken: a body that shows something, no larger than body_max; a title
 * of 1 MB at most; a real date or none; an id (or none) of good length without control characters;
 * no NUL in any field. ST_REJECTED with the reason. */
enum st doc_check(const struct ix_doc *doc, uint64_t body_max, struct err *err);

/* "2024-02-29": four, two and two digits, a day that the calendar has. */
bool doc_date_ok(struct str s);

#define DOC_HASH_ID 34 /* "h-" and 32 hexadecimal digits */

/* An id for a document without one, made from every field and where it ends: the same content has
 * the same id, and documents that differ anywhere have two. XXH3, 128 bits. */
void doc_hash_id(const struct ix_doc *doc, char id[DOC_HASH_ID + 1]);

/* ---- document.c ---- */

struct terms;

/* A table of terms, reused from document to document. lex as for an_new. title_weight is how
 * often an occurrence in the title counts. */
enum st terms_new(const struct lex *lex, uint64_t title_weight, struct terms **out,
                  struct err *err);
void terms_free(struct terms *t);

/* The distinct terms of a document's title and body with their weighted frequencies, in order of
 * first occurrence, title first, and then a term for each day they mention. *out lives until the
 * next call. */
enum st terms_of(struct terms *t, const struct ix_doc *doc, const struct ix_term **out, size_t *n,
                 struct err *err);

#endif
