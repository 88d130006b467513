/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_BOUND_TABLE_H
#define GONGBAO_ANALYSIS_BOUND_TABLE_H

/* Bound characters: those that hardly ever are a word by themselves (泽 斯 莉 镇), as against 的,
 * 在, 人. One bit for each folded character; boundgen.c writes the table at build time. */

#include <stdbool.h>
#include <stdint.h>

#define BOUND_FIRST 0x4e00u
#define BOUND_CHARS 0x5200u /* to U+9FFF, a multiple of 32 */

extern const uint32_t bound_bits[BOUND_CHARS / 32];

static inline bool is_bound(uint32_t cp)
{
    uint32_t at = cp - BOUND_FIRST;
    return at < BOUND_CHARS && bound_bits[at / 32] >> at % 32 & 1;
}

#endif
