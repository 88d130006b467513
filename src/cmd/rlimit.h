/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_RLIMIT_H
#define GONGBAO_RLIMIT_H

/* Let this process, and those that it starts, open as many files as the system lets it. Each
 * segment of an open index takes two descriptors, and each connection one. What cannot be raised
 * stays. To write a file that is larger than allowed fails, instead of ending the process. */
void rlimit_prepare(void);

#endif
