/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How a sub-command fails: one line on standard error, and an exit status.
 *
 * The status tells a script whose fault it was: 2 that of the command line or of what it was given,
 * which will fail again, 4 that of the machine, the daemon or the data. 3 is nobody's: somebody
 * else is writing, and it can be tried again.
 */

#include "cmd.h"
#include <stdio.h>

int cmd_fail(const char *name, const struct err *err)
{
    fprintf(stderr, "gongbao %s: %s\n", name, err->text);
    switch (err->st) {
    case ST_USAGE:
    case ST_CONFIG:
    case ST_REJECTED:
    case ST_BAD_VALUE:
    case ST_UNKNOWN_OPTION:
        return 2;
    case ST_LOCKED:
        return 3;
    default:
        return 4;
    }
}
