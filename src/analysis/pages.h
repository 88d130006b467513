/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ANALYSIS_PAGES_H
#define ANALYSIS_PAGES_H

/* A table by code point as C source: cut into pages, of which equal ones are written once, and an
 * index that tells the page of each. For the programs that run when the library is built. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* NAME_page, of TYPE, and NAME_index, for pages of `size` entries; `index` has room for all. */
static inline void pages_print(const char *name, const char *type, const uint32_t *entry,
                               uint32_t pages, uint32_t size, uint32_t *index)
{
    uint32_t n = 0;
    printf("const %s %s_page[][%uu] = {\n", type, name, size);
    for (uint32_t p = 0; p < pages; p++) {
        const uint32_t *page = entry + (size_t)p * size;
        uint32_t same = 0;
        while (same < p && memcmp(entry + (size_t)same * size, page, size * sizeof(*page)) != 0)
            same++;
        index[p] = same < p ? index[same] : n;
        if (same < p)
            continue;
        n++;
        printf("{");
        for (uint32_t i = 0; i < size; i++)
            printf("0x%x,%s", page[i], i % 16 == 15 ? "\n" : "");
        printf("},\n");
    }
    printf("};\n\nconst uint16_t %s_index[%uu] = {", name, pages);
    for (uint32_t p = 0; p < pages; p++)
        printf("%u,%s", index[p], p % 32 == 31 ? "\n" : "");
    printf("};\n");
}

#endif
