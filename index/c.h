/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_C_H
#define INDEX_C_H

/* Included first by every private header of this room: the contracts, with C linkage for the files
 * that are C++. A private header ends with C_END. */

#ifdef __cplusplus
#define C_BEGIN extern "C" {
#define C_END   }
#else
#define C_BEGIN
#define C_END
#endif

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#pragma GCC diagnostic push
#ifdef __cplusplus /* in C a function may share its name with a struct */
#pragma GCC diagnostic ignored "-Wshadow"
#endif
C_BEGIN
#include <gongbao/arena.h>
#include <gongbao/array.h>
#include <gongbao/buf.h>
#include <gongbao/clock.h>
#include <gongbao/err.h>
#include <gongbao/file.h>
#include <gongbao/index.h>
#include <gongbao/str.h>
#include <gongbao/sum.h>
C_END
#pragma GCC diagnostic pop

#endif
