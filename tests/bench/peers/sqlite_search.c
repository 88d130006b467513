/* SPDX-License-Identifier: GPL-2.0-or-later */

/* SQLite's FTS5 with trigrams: sqlite_search build FILE DATABASE, sqlite_search ask DATABASE.
 *
 * FILE holds id, title and body of each document, with a NUL behind each. Standard input of `ask`
 * has a kind and a query a line, with a tab between; for each, microseconds and the number of rows
 * are printed, or for the kind `count` the number of all matches. A query is a phrase of trigrams,
 * ranked by BM25; one of fewer than three characters, which are in no trigram, cannot be asked.
 */

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void die(const char *what)
{
    fprintf(stderr, "sqlite_search: %s\n", what);
    exit(1);
}

static void check(sqlite3 *db, int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE)
        die(sqlite3_errmsg(db));
}

static void run(sqlite3 *db, const char *sql)
{
    check(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static sqlite3 *open_db(const char *path)
{
    sqlite3 *db;
    check(NULL, sqlite3_open(path, &db));
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s;
    check(db, sqlite3_prepare_v2(db, sql, -1, &s, NULL));
    return s;
}

/* ---- building ---- */

static int read_field(FILE *f, char **field, size_t *room)
{
    ssize_t n = getdelim(field, room, '\0', f);
    return n > 0;
}

static void build(const char *feed, const char *path)
{
    sqlite3 *db = open_db(path);
    FILE *f = fopen(feed, "r");
    char *field[3] = {NULL, NULL, NULL};
    size_t room[3] = {0, 0, 0};
    if (!f)
        die("cannot read the documents");
    run(db,
        "CREATE VIRTUAL TABLE docs USING fts5(id UNINDEXED, title, body, tokenize = 'trigram')");
    run(db, "INSERT INTO docs(docs, rank) VALUES ('hashsize', 8000000)");
    run(db, "BEGIN");
    sqlite3_stmt *put = prepare(db, "INSERT INTO docs VALUES (?1, ?2, ?3)");
    while (read_field(f, &field[0], &room[0]) && read_field(f, &field[1], &room[1]) &&
           read_field(f, &field[2], &room[2])) {
        for (int i = 0; i < 3; i++)
            sqlite3_bind_text(put, i + 1, field[i], -1, SQLITE_STATIC);
        check(db, sqlite3_step(put));
        check(db, sqlite3_reset(put));
    }
    sqlite3_finalize(put);
    run(db, "COMMIT");
    run(db, "INSERT INTO docs(docs) VALUES ('optimize')");
    check(db, sqlite3_close(db));
    fclose(f);
}

/* ---- asking ---- */

struct asking {
    sqlite3_stmt *phrase, *count;
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Rows of a statement, or the number that a count gives. */
static long rows(sqlite3 *db, sqlite3_stmt *s, int counted)
{
    long n = 0;
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        if (!counted)
            (void)(sqlite3_column_text(s, 0) && sqlite3_column_text(s, 1));
        n = counted ? sqlite3_column_int(s, 0) : n + 1;
    }
    check(db, rc);
    check(db, sqlite3_reset(s));
    return n;
}

static void answer(sqlite3 *db, struct asking *a, char *line)
{
    char phrase[2048];
    line[strcspn(line, "\n")] = '\0';
    char *query = strchr(line, '\t');
    if (!query)
        die("a line without a tab");
    *query++ = '\0';
    int counted = strcmp(line, "count") == 0;
    sqlite3_stmt *s = counted ? a->count : a->phrase;
    uint64_t begun = now_ns();
    int length = snprintf(phrase, sizeof(phrase), "\"%s\"", query);
    check(db, sqlite3_bind_text(s, 1, phrase, length, SQLITE_TRANSIENT));
    long n = rows(db, s, counted);
    printf("%.1f %ld\n", (double)(now_ns() - begun) / 1e3, n);
    fflush(stdout);
}

static void ask(const char *path)
{
    char line[2000];
    sqlite3 *db = open_db(path);
    run(db, "PRAGMA mmap_size = 8000000000");
    struct asking a = {
        prepare(db, "SELECT id, title FROM docs WHERE docs MATCH ?1 ORDER BY rank LIMIT 10"),
        prepare(db, "SELECT count(*) FROM docs WHERE docs MATCH ?1"),
    };
    while (fgets(line, sizeof(line), stdin))
        answer(db, &a, line);
    sqlite3_finalize(a.phrase);
    sqlite3_finalize(a.count);
    check(db, sqlite3_close(db));
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "build") == 0)
        build(argv[2], argv[3]);
    else if (argc == 3 && strcmp(argv[1], "ask") == 0)
        ask(argv[2]);
    else
        die("usage: sqlite_search build FILE DATABASE | ask DATABASE");
    return 0;
}
