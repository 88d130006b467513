/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CMD_ANALYZE_H
#define GONGBAO_CMD_ANALYZE_H

/* What gongbao analyze prints besides the table of tokens. */

#include <gongbao/analysis.h>

/* Print the word graph of text under 4 GiB on standard output: as a table of edges with the path
 * below it, or for graphviz. ST_NO_MEMORY, ST_IO. */
enum st analyze_print_graph(struct an *an, struct str text);
enum st analyze_print_dot(struct an *an, struct str text);

#endif
