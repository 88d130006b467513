/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The limits on files.
 *
 * Of open files the soft limit is 1024 nearly everywhere, for the sake of programs that use
 * select(2); none of these does. The hard limit is the administrator's, so everything up to it is
 * allowed. At the limit on a file's size the system sends a signal (SIGXFSZ) whose default is death
 * without a word; where it is ignored, write(2) fails, and who called it says so and tidies up.
 */

#include "rlimit.h"
#include <signal.h>
#include <sys/resource.h>

void rlimit_prepare(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct rlimit limit;
    sigaction(SIGXFSZ, &ignore, NULL);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}
