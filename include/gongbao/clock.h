/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CLOCK_H
#define GONGBAO_CLOCK_H

/* CLOCK_MONOTONIC: it never jumps, and it is one for all processes of a machine, so that a deadline
 * set in one of them means the same in another. */

#include <stdint.h>

uint64_t clock_ns(void);
uint64_t clock_ms(void);

#endif
