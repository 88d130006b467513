/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The limit on open files.
 *
 * The soft limit is 1024 nearly everywhere, for the sake of programs that use select(2); none of
 * these does. The hard limit is the administrator's, so everything up to it is allowed.
 */

#include "rlimit.h"
#include <sys/resource.h>

void rlimit_raise_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}
