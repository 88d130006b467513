/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CMD_CMD_H
#define GONGBAO_CMD_CMD_H

/* Sub-commands of gongbao. Each gets its own name as argv[0] and returns the exit status: 0 done,
 * 1 the answer is no, 2 usage, 4 I/O or damaged data. */

#include <gongbao/err.h>
#include <gongbao/str.h>

int cmd_analyze(int argc, char **argv);
int cmd_backup(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_eval(int argc, char **argv);
int cmd_ingest(int argc, char **argv); /* its statuses are those of gongbao-ingest */
int cmd_lexicon(int argc, char **argv);
int cmd_restore(int argc, char **argv);

/* To a running daemon (cmd_client.c). */
int cmd_search(int argc, char **argv);
int cmd_count(int argc, char **argv);
int cmd_get(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_stats(int argc, char **argv);

/* Print "gongbao NAME: text" on standard error and return the exit status that fits. */
int cmd_fail(const char *name, const struct err *err);

/* Print text on standard output, a control as a blank and a byte that is not UTF-8 as a '?'. */
void cmd_print(struct str text);

#endif
