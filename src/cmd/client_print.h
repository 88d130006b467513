/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CMD_CLIENT_PRINT_H
#define GONGBAO_CMD_CLIENT_PRINT_H

#include <gongbao/str.h>

/* The value of key= in the first line of a reply; empty when it is not there. */
struct str client_value(struct str head, const char *key);

/* A row for each hit. */
void client_print_hits(struct str head, struct str rows);

/* The number. */
void client_print_count(struct str head, struct str rows);

/* Fields first, then an empty line, then the body. */
void client_print_document(struct str head, struct str rows);

/* The first line without its code and its name, then the rows. */
void client_print_all(struct str head, struct str rows);

/* The numbers of the first line as rows, then the rows. */
void client_print_stats(struct str head, struct str rows);

#endif
