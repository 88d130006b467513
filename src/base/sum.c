/* SPDX-License-Identifier: GPL-2.0-or-later */

/* XXH3 checksums.
 *
 * They guard against damage, not against an enemy who can write the files. A file is read in
 * pieces and not mapped, so that a failing disk is an error and not a signal.
 */

#define XXH_INLINE_ALL
#include <errno.h>
#include <fcntl.h>
#include <gongbao/sum.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#define PIECE ((size_t)1 << 18)

struct sum128 sum128_of(struct str s)
{
    XXH128_hash_t h = XXH3_128bits(s.n ? s.p : "", s.n);
    return (struct sum128){h.high64, h.low64};
}

struct sum128 sum128_join(const struct str *part, size_t n)
{
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    for (size_t i = 0; i < n; i++)
        if (part[i].n > 0)
            XXH3_128bits_update(&state, part[i].p, part[i].n);
    XXH128_hash_t h = XXH3_128bits_digest(&state);
    return (struct sum128){h.high64, h.low64};
}

uint64_t sum64_of(struct str s)
{
    return XXH3_64bits(s.n ? s.p : "", s.n);
}

uint64_t sum64_seeded(struct str s, uint64_t seed)
{
    return XXH3_64bits_withSeed(s.n ? s.p : "", s.n, seed);
}

void sum_hex(struct sum128 sum, char out[SUM_HEX])
{
    snprintf(out, SUM_HEX, "%016llx%016llx", (unsigned long long)sum.hi,
             (unsigned long long)sum.lo);
}

static bool hex_u64(const char *p, uint64_t *out)
{
    uint64_t v = 0;
    for (int i = 0; i < 16; i++) {
        const char *digits = "0123456789abcdef";
        const char *at = p[i] ? strchr(digits, p[i]) : NULL;
        if (!at)
            return false;
        v = v << 4 | (uint64_t)(at - digits);
    }
    *out = v;
    return true;
}

bool sum_unhex(struct str s, struct sum128 *out)
{
    return s.n == SUM_HEX - 1 && hex_u64(s.p, &out->hi) && hex_u64(s.p + 16, &out->lo);
}

static enum st sum_fd(int fd, const char *path, struct sum128 *sum, uint64_t *size, struct err *err)
{
    char *piece = malloc(PIECE);
    if (!piece)
        return err_nomem(err);
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    *size = 0;
    ssize_t n;
    while ((n = read(fd, piece, PIECE)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        XXH3_128bits_update(&state, piece, (size_t)n);
        *size += (uint64_t)n;
    }
    int saved = errno;
    free(piece);
    errno = saved;
    if (n < 0 && errno == EIO)
        return err_set(err, ST_DAMAGED, "read %s: %s", path, err_why(errno));
    if (n < 0)
        return err_sys(err, "read", path);
    XXH128_hash_t h = XXH3_128bits_digest(&state);
    *sum = (struct sum128){h.high64, h.low64};
    return ST_OK;
}

enum st sum_file(const char *path, struct sum128 *sum, uint64_t *size, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return err_sys(err, "open", path);
    enum st st = sum_fd(fd, path, sum, size, err);
    close(fd);
    return st;
}
