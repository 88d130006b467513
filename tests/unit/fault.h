/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_FAULT_H
#define GONGBAO_FAULT_H

/* Calls that fail on demand.
 *
 *     fault_arm(FAULT_WRITE, 3);       the third write from here on fails
 *     st = ix_writer_publish(...);
 *     if (!fault_disarm())             there were fewer than three
 *
 * System calls are defined here, in the program, and so stand before those of the C library for
 * everything that is linked, libxapian too. Allocations of C are wrapped by the linker (the
 * Makefile names them), for libraries that allocate while they start would not survive a
 * definition; operator new is defined here. What the C library does inside itself is not seen.
 *
 * A file that includes this is a program of its own: the definitions are not static. */

#include "dice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum fault {
    FAULT_WRITE, /* write, pwrite, writev: ENOSPC */
    FAULT_FULL,  /* these from the Nth on, the first one after a half of what was asked for */
    FAULT_SHORT, /* these from the Nth on do a half of it, which is no failure */
    FAULT_SYNC,  /* fsync, fdatasync: EIO */
    FAULT_NAME,  /* rename, link, mkdir: EIO */
    FAULT_OPEN,  /* open, openat: EIO */
    FAULT_MAP,   /* mmap: ENOMEM */
    FAULT_ALLOC, /* malloc and the like, operator new: no memory */
    FAULT_KINDS
};

static const char *const fault_name[FAULT_KINDS] = {"write", "full", "short", "fsync",
                                                    "name",  "open", "mmap",  "alloc"};

static struct {
    bool armed;
    enum fault kind;
    atomic_uint calls; /* of the kind that is armed */
    unsigned which;
    atomic_bool hit;
    bool published; /* a manifest was renamed into its place */
} fault;

static inline void fault_arm(enum fault kind, unsigned which)
{
    fault.kind = kind;
    fault.which = which;
    fault.calls = 0;
    fault.hit = false;
    fault.published = false;
    fault.armed = true;
}

/* Whether the call that was to fail came to pass. */
static inline bool fault_disarm(void)
{
    fault.armed = false;
    return fault.hit;
}

/* Whether this is the call; `on`: or a later one. */
static bool fault_now(enum fault kind, bool on)
{
    if (!fault.armed || fault.kind != kind)
        return false;
    unsigned n = ++fault.calls;
    if (n != fault.which && !(on && n > fault.which))
        return false;
    fault.hit = true;
    return true;
}

/* Of the calls of a kind, whether this one is tried: GONGBAO_FAULTS, or as many as are wanted, are
 * drawn by lot; 0 is all. */
static inline bool fault_is_drawn(struct dice *d, unsigned calls, unsigned wanted)
{
    const char *given = getenv("GONGBAO_FAULTS");
    unsigned most = given ? (unsigned)strtoul(given, NULL, 10) : wanted;
    return most == 0 || calls <= most || dice_below(d, calls) < most;
}

static bool fault_fails(enum fault kind, int code)
{
    if (!fault_now(kind, false))
        return false;
    errno = code;
    return true;
}

/* What a write of n bytes may do: -1 for nothing at all, with errno. */
static ssize_t fault_write(size_t n)
{
    if (fault_fails(FAULT_WRITE, ENOSPC))
        return -1;
    if (fault_now(FAULT_FULL, true)) {
        errno = ENOSPC;
        return fault.calls == fault.which && n > 1 ? (ssize_t)(n / 2) : -1;
    }
    if (n > 1 && fault_now(FAULT_SHORT, true))
        return (ssize_t)(n / 2);
    return (ssize_t)n;
}

ssize_t write(int fd, const void *from, size_t n)
{
    ssize_t may = fault_write(n);
    return may < 0 ? may : syscall(SYS_write, fd, from, may);
}

ssize_t pwrite(int fd, const void *from, size_t n, off_t at)
{
    ssize_t may = fault_write(n);
    return may < 0 ? may : syscall(SYS_pwrite64, fd, from, may, at);
}

ssize_t pwrite64(int fd, const void *from, size_t n, off_t at)
{
    return pwrite(fd, from, n, at);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
    return n > 0 ? write(fd, v[0].iov_base, v[0].iov_len) : 0; /* a short write, but for one */
}

int fsync(int fd)
{
    (void)fd; /* nobody pulls the plug here: what is counted need not be waited for */
    return fault_fails(FAULT_SYNC, EIO) ? -1 : 0;
}

int fdatasync(int fd)
{
    return fsync(fd);
}

static bool fault_is_manifest(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, "MANIFEST") == 0;
}

int rename(const char *from, const char *to)
{
    if (fault_fails(FAULT_NAME, EIO))
        return -1;
    if (fault.armed && fault_is_manifest(to))
        fault.published = true;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    if (fault_fails(FAULT_NAME, EIO))
        return -1;
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

int link(const char *from, const char *to)
{
    return fault_fails(FAULT_NAME, EIO) ? -1
                                        : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int mkdir(const char *path, mode_t mode)
{
    return fault_fails(FAULT_NAME, EIO) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

static int fault_open(int dir, const char *path, int flags, va_list rest)
{
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    return fault_fails(FAULT_OPEN, EIO) ? -1 : (int)syscall(SYS_openat, dir, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int fd = fault_open(AT_FDCWD, path, flags, rest);
    va_end(rest);
    return fd;
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int fd = fault_open(AT_FDCWD, path, flags, rest);
    va_end(rest);
    return fd;
}

int openat(int dir, const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int fd = fault_open(dir, path, flags, rest);
    va_end(rest);
    return fd;
}

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
    if (fault_fails(FAULT_MAP, ENOMEM))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, n, protection, flags, fd, offset);
}

/* ---- memory ---- */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t n);
int __real_posix_memalign(void **out, size_t alignment, size_t n);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
int __real_vasprintf(char **out, const char *fmt, va_list rest);

void *__wrap_malloc(size_t n)
{
    return fault_fails(FAULT_ALLOC, ENOMEM) ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fault_fails(FAULT_ALLOC, ENOMEM) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fault_fails(FAULT_ALLOC, ENOMEM) ? NULL : __real_realloc(p, n);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    return fault_fails(FAULT_ALLOC, ENOMEM) ? NULL : __real_reallocarray(p, n, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
    return fault_fails(FAULT_ALLOC, ENOMEM) ? NULL : __real_aligned_alloc(alignment, n);
}

int __wrap_posix_memalign(void **out, size_t alignment, size_t n)
{
    return fault_fails(FAULT_ALLOC, ENOMEM) ? ENOMEM : __real_posix_memalign(out, alignment, n);
}

char *__wrap_strdup(const char *s)
{
    return fault_fails(FAULT_ALLOC, ENOMEM) ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t n)
{
    return fault_fails(FAULT_ALLOC, ENOMEM) ? NULL : __real_strndup(s, n);
}

int __wrap_vasprintf(char **out, const char *fmt, va_list rest)
{
    if (fault_fails(FAULT_ALLOC, ENOMEM)) {
        *out = NULL;
        return -1;
    }
    return __real_vasprintf(out, fmt, rest);
}

int __wrap_asprintf(char **out, const char *fmt, ...)
{
    va_list rest;
    va_start(rest, fmt);
    int n = __wrap_vasprintf(out, fmt, rest);
    va_end(rest);
    return n;
}

/* The operators of C++ under the names that the linker knows. */
void *fault_new(size_t n) __asm__("_Znwm");
void *fault_new_array(size_t n) __asm__("_Znam");
void *fault_new_nothrow(size_t n, const void *tag) __asm__("_ZnwmRKSt9nothrow_t");
void fault_delete(void *p) __asm__("_ZdlPv");
void fault_delete_sized(void *p, size_t n) __asm__("_ZdlPvm");
void fault_delete_array(void *p) __asm__("_ZdaPv");
void fault_delete_array_sized(void *p, size_t n) __asm__("_ZdaPvm");
void fault_delete_nothrow(void *p, const void *tag) __asm__("_ZdlPvRKSt9nothrow_t");
_Noreturn void fault_bad_alloc(void) __asm__("_ZSt17__throw_bad_allocv");

void *fault_new_nothrow(size_t n, const void *tag)
{
    (void)tag;
    return fault_fails(FAULT_ALLOC, ENOMEM) ? NULL : __real_malloc(n ? n : 1);
}

void *fault_new(size_t n)
{
    void *p = fault_new_nothrow(n, NULL);
    if (!p)
        fault_bad_alloc();
    return p;
}

void *fault_new_array(size_t n)
{
    return fault_new(n);
}

void fault_delete(void *p)
{
    free(p);
}

void fault_delete_sized(void *p, size_t n)
{
    (void)n;
    free(p);
}

void fault_delete_array(void *p)
{
    free(p);
}

void fault_delete_array_sized(void *p, size_t n)
{
    (void)n;
    free(p);
}

void fault_delete_nothrow(void *p, const void *tag)
{
    (void)tag;
    free(p);
}

#endif
