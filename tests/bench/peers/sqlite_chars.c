/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Documents into SQLite's FTS5, one character a token: sqlite_chars FILE DATABASE, where FILE holds
 * id, title and body of each document, with a NUL behind each.
 *
 * The tokenizer is made here, for none that comes with FTS5 finds part of a Chinese sentence: a
 * character outside of ASCII is a token, a run of ASCII letters and digits is one in lower case,
 * the rest of ASCII separates. Everything is one transaction, title and body are stored in the
 * table itself, and positions are kept, without which single characters make no words. Postings are
 * gathered in 8 MB before they are written, which is faster than the usual 1 MB, and than 64.
 */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX  (1u << 30)
#define TOKEN_MAX 256

static void die(const char *what)
{
    fprintf(stderr, "sqlite_chars: %s\n", what);
    exit(1);
}

static char *read_all(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *p = malloc(FILE_MAX);
    if (!f || !p)
        die("cannot read the documents");
    *n = fread(p, 1, FILE_MAX - 1, f);
    p[*n] = '\0';
    fclose(f);
    return p;
}

/* ---- the tokenizer ---- */

static int chars_new(void *ctx, const char **arg, int narg, Fts5Tokenizer **out)
{
    static char nothing;
    (void)ctx;
    (void)arg;
    (void)narg;
    *out = (Fts5Tokenizer *)&nothing;
    return SQLITE_OK;
}

static void chars_free(Fts5Tokenizer *t)
{
    (void)t;
}

static int is_alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The end of the token at p: a run of ASCII, or the bytes of one character. */
static int token_end(const char *p, int at, int n)
{
    int end = at + 1;
    if (is_alnum((unsigned char)p[at]))
        while (end < n && end - at < TOKEN_MAX && is_alnum((unsigned char)p[end]))
            end++;
    else
        while (end < n && ((unsigned char)p[end] & 0xc0) == 0x80 && end - at < 4)
            end++;
    return end;
}

static int chars_cut(Fts5Tokenizer *t, void *ctx, int flags, const char *p, int n,
                     int (*take)(void *, int, const char *, int, int, int))
{
    int end;
    (void)t;
    (void)flags;
    for (int at = 0; at < n; at = end) {
        char lower[TOKEN_MAX];
        end = token_end(p, at, n);
        if ((unsigned char)p[at] < 0x80 && !is_alnum((unsigned char)p[at]))
            continue;
        for (int i = at; i < end; i++)
            lower[i - at] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i]);
        int rc = take(ctx, 0, lower, end - at, at, end);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

/* ---- the table ---- */

static void check(sqlite3 *db, int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE)
        die(sqlite3_errmsg(db));
}

static void run(sqlite3 *db, const char *sql)
{
    check(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static void add_tokenizer(sqlite3 *db)
{
    static fts5_tokenizer chars = {chars_new, chars_free, chars_cut};
    fts5_api *api = NULL;
    sqlite3_stmt *get;
    check(db, sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &get, NULL));
    sqlite3_bind_pointer(get, 1, &api, "fts5_api_ptr", NULL);
    sqlite3_step(get);
    sqlite3_finalize(get);
    if (!api)
        die("this SQLite has no FTS5");
    check(db, api->xCreateTokenizer(api, "chars", NULL, &chars, NULL));
}

static void fill(sqlite3 *db, const char *p, size_t n)
{
    sqlite3_stmt *put;
    check(db, sqlite3_prepare_v2(db, "INSERT INTO docs VALUES (?1, ?2, ?3)", -1, &put, NULL));
    for (size_t at = 0; at < n;) {
        for (int column = 1; column <= 3; column++) {
            size_t length = strlen(p + at);
            sqlite3_bind_text(put, column, p + at, (int)length, SQLITE_STATIC);
            at += length + 1;
        }
        check(db, sqlite3_step(put));
        check(db, sqlite3_reset(put));
    }
    sqlite3_finalize(put);
}

int main(int argc, char **argv)
{
    sqlite3 *db;
    size_t n;
    if (argc != 3)
        die("usage: sqlite_chars FILE DATABASE");
    char *text = read_all(argv[1], &n);
    check(NULL, sqlite3_open(argv[2], &db));
    add_tokenizer(db);
    run(db, "CREATE VIRTUAL TABLE docs USING fts5(id UNINDEXED, title, body, tokenize = 'chars')");
    run(db, "INSERT INTO docs(docs, rank) VALUES ('hashsize', 8000000)");
    run(db, "BEGIN");
    fill(db, text, n);
    run(db, "COMMIT");
    check(db, sqlite3_close(db));
    free(text);
    return 0;
}
