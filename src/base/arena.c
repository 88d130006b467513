/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Memory that is given back all at once.
 *
 * An arena is a list of blocks; allocation moves a mark through the first one. When that is full
 * a new block of twice the size, up to a limit, goes in front. A request larger than an ordinary
 * block gets a block of its own behind the first, so that the space left there is not wasted.
 *
 * Invariants: head is an ordinary block or, when there has been nothing but one large request,
 * that one; used counts what was given out, padding for alignment included, and never passes max.
 *
 * Under AddressSanitizer what has not been given out is poisoned, so that a use after a reset is
 * found as a use after free would be.
 */

#include <gongbao/arena.h>
#include <gongbao/utf8.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define HIDE(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define SHOW(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define HIDE(p, n) ((void)(p), (void)(n))
#define SHOW(p, n) ((void)(p), (void)(n))
#endif

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

struct arena_block {
    struct arena_block *next;
    size_t size, mark;
    alignas(max_align_t) char data[];
};

void arena_init(struct arena *a, size_t max)
{
    *a = (struct arena){.max = max};
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        SHOW(block->data, block->size);
        free(block);
        block = next;
    }
}

void arena_fini(struct arena *a)
{
    free_blocks(a->head);
    arena_init(a, a->max);
}

void arena_reset(struct arena *a)
{
    if (a->head) {
        free_blocks(a->head->next);
        a->head->next = NULL;
        a->head->mark = 0;
        HIDE(a->head->data, a->head->size);
    }
    a->used = 0;
    a->failed = false;
    a->full = false;
}

/* The size of the next ordinary block. */
static size_t next_size(const struct arena *a)
{
    if (!a->head)
        return FIRST_BLOCK;
    return a->head->size < LARGEST_BLOCK / 2 ? a->head->size * 2 : LARGEST_BLOCK;
}

/* A new block with room for n, linked in. NULL without memory. */
static struct arena_block *add_block(struct arena *a, size_t n)
{
    size_t size = next_size(a);
    bool large = n > size;
    if (large)
        size = n;
    if (size > SIZE_MAX - sizeof(struct arena_block))
        return NULL;
    struct arena_block *block = malloc(sizeof(*block) + size);
    if (!block)
        return NULL;
    struct arena_block **link = large && a->head ? &a->head->next : &a->head;
    *block = (struct arena_block){.next = *link, .size = size};
    *link = block;
    HIDE(block->data, size);
    return block;
}

/* How far the mark must move so that it is a multiple of align, a power of two. */
static size_t padding(const struct arena_block *block, size_t align)
{
    return -block->mark & (align - 1);
}

static void *allocate(struct arena *a, size_t n, size_t align)
{
    struct arena_block *block = a->head;
    size_t pad = block ? padding(block, align) : 0;
    if (a->failed)
        return NULL;
    if (n > a->max - a->used) {
        a->failed = a->full = true;
        return NULL;
    }
    if (!block || pad > block->size - block->mark || n > block->size - block->mark - pad) {
        block = add_block(a, n);
        pad = 0;
    }
    if (!block || pad > a->max - a->used - n) {
        a->failed = true;
        a->full = block != NULL;
        return NULL;
    }
    char *p = block->data + block->mark + pad;
    block->mark += pad + n;
    a->used += pad + n;
    SHOW(p, n);
    return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
    return allocate(a, n, alignof(max_align_t));
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        a->failed = a->full = true;
        return NULL;
    }
    void *p = arena_alloc(a, bytes);
    return p ? memset(p, 0, bytes) : NULL;
}

struct str arena_str(struct arena *a, struct str s)
{
    char *p = s.n < SIZE_MAX ? allocate(a, s.n + 1, 1) : NULL;
    if (!p)
        return (struct str){NULL, 0};
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return str_from(p, s.n);
}

struct str arena_chars(struct arena *a, const uint32_t *cp, size_t n)
{
    char *p = arena_alloc(a, 4 * n);
    return str_from(p, p ? utf8_puts(cp, n, p) : 0);
}

const char *arena_fmt(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n >= 0 ? allocate(a, (size_t)n + 1, 1) : NULL;
    if (!p) {
        a->failed = true;
        return "";
    }
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

void *arena_room(struct arena *a, void *list, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return list;
    size_t wider = *cap ? 2 * *cap : 8;
    void *copy = arena_calloc(a, wider, size);
    if (copy && n > 0)
        memcpy(copy, list, n * size);
    *cap = copy ? wider : *cap;
    return copy;
}
