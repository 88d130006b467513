/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Replies of the daemon on standard output.
 *
 * What is given is the first line of a reply in text and the rows behind it, as they were received.
 * Rows are printed as they come, cells separated by tabs, so that a script can read them; hits on a
 * terminal are laid out for reading, title first. Nothing is unescaped: the daemon has escaped what
 * a terminal could act upon. Errors, JSON and exit statuses are the business of cmd_client.c.
 */
#include "client_print.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

struct str client_value(struct str head, const char *key)
{
    size_t n = strlen(key);
    while (head.p) {
        struct str word = str_cut(&head, ' ');
        if (word.n > n && word.p[n] == '=' && memcmp(word.p, key, n) == 0)
            return str_from(word.p + n + 1, word.n - n - 1);
    }
    return STR("");
}

/* Take the next row of a reply, its doubled dot made single; false at the end. */
static bool next_row(struct str *rows, struct str *out)
{
    *out = str_cut(rows, '\n');
    if (!rows->p || str_eq(*out, STR(".")))
        return false;
    if (out->n > 0 && out->p[0] == '.')
        *out = str_from(out->p + 1, out->n - 1);
    return true;
}

static void put(struct str s)
{
    fwrite(s.p, 1, s.n, stdout);
}

static void print_hit(struct str row)
{
    struct str rank = str_cut(&row, '\t');
    str_cut(&row, '\t');
    struct str date = str_cut(&row, '\t');
    struct str id = str_cut(&row, '\t');
    struct str title = str_cut(&row, '\t');
    printf(STR_FMT ". " STR_FMT, STR_ARG(rank), STR_ARG(title));
    if (date.n > 0)
        printf("  (" STR_FMT ")", STR_ARG(date));
    printf("\n   " STR_FMT "\n   " STR_FMT "\n\n", STR_ARG(row), STR_ARG(id));
}

void client_print_hits(struct str head, struct str rows)
{
    bool reader = isatty(STDOUT_FILENO);
    struct str row, total = client_value(head, "total");
    while (next_row(&rows, &row)) {
        if (reader && row.n > 0 && row.p[0] >= '0' && row.p[0] <= '9') {
            print_hit(row);
        } else {
            put(row);
            putchar('\n');
        }
    }
    bool relaxed = str_eq(client_value(head, "relaxed"), STR("1"));
    bool exact = str_eq(client_value(head, "exact"), STR("1"));
    bool partial = str_eq(client_value(head, "partial"), STR("1"));
    if (reader)
        printf("%s" STR_FMT " found%s%s\n", exact || partial ? "" : "about ", STR_ARG(total),
               relaxed ? ", partial matches among them" : "",
               partial ? "; not all could be searched" : "");
}

void client_print_count(struct str head, struct str rows)
{
    (void)rows;
    put(client_value(head, "n"));
    putchar('\n');
}

void client_print_document(struct str head, struct str rows)
{
    bool in_body = false;
    struct str row;
    (void)head;
    while (next_row(&rows, &row)) {
        struct str name = str_cut(&row, '\t');
        bool body = str_eq(name, STR("body"));
        if (body && !in_body)
            putchar('\n');
        in_body = body;
        if (!body) {
            put(name);
            printf(": ");
        }
        put(row);
        putchar('\n');
    }
}

void client_print_all(struct str head, struct str rows)
{
    struct str row;
    str_cut(&head, ' ');
    str_cut(&head, ' ');
    put(head);
    putchar('\n');
    while (next_row(&rows, &row)) {
        put(row);
        putchar('\n');
    }
}

void client_print_stats(struct str head, struct str rows)
{
    static const char *const first[] = {"generation", "documents", "segments"};
    struct str row;
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        struct str v = client_value(head, first[i]);
        printf("%s\t" STR_FMT "\n", first[i], STR_ARG(v));
    }
    while (next_row(&rows, &row)) {
        put(row);
        putchar('\n');
    }
}
