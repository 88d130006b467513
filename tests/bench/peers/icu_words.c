/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How fast ICU finds words: icu_words FILE, where FILE holds texts with a NUL behind each.
 *
 * Each text is turned into UTF-16 and its word boundaries for Chinese are walked through, which is
 * what a program does that has UTF-8 and wants words. Prints seconds of CPU, the best of
 * ROUNDS rounds, bytes and words.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicode/ubrk.h>
#include <unicode/ustring.h>

#define ROUNDS   5
#define FILE_MAX (1u << 30)

static void die(const char *what)
{
    fprintf(stderr, "icu_words: %s\n", what);
    exit(1);
}

static char *read_all(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *p = malloc(FILE_MAX);
    if (!f || !p)
        die("cannot read the texts");
    *n = fread(p, 1, FILE_MAX - 1, f);
    p[*n] = '\0';
    fclose(f);
    return p;
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t count_words(UBreakIterator *it, const char *text, size_t n, UChar *scratch)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t units;
    size_t words = 0;
    u_strFromUTF8(scratch, (int32_t)n + 1, &units, text, (int32_t)n, &status);
    ubrk_setText(it, scratch, units, &status);
    if (U_FAILURE(status))
        die(u_errorName(status));
    while (ubrk_next(it) != UBRK_DONE)
        words++;
    return words;
}

int main(int argc, char **argv)
{
    size_t n, bytes = 0, words = 0;
    double best = 1e9;
    UErrorCode status = U_ZERO_ERROR;
    if (argc != 2)
        die("usage: icu_words FILE");
    char *text = read_all(argv[1], &n);
    UChar *scratch = malloc((n + 1) * sizeof(*scratch));
    UBreakIterator *it = ubrk_open(UBRK_WORD, "zh", NULL, 0, &status);
    if (U_FAILURE(status) || !scratch)
        die("cannot open the iterator");
    count_words(it, "中文", strlen("中文"), scratch); /* loads the dictionary */
    for (int i = 0; i < ROUNDS; i++) {
        double begin = cpu_seconds();
        words = 0;
        for (size_t at = 0, len; at < n; at += len + 1) {
            len = strlen(text + at);
            words += count_words(it, text + at, len, scratch);
        }
        double t = cpu_seconds() - begin;
        best = t < best ? t : best;
    }
    for (size_t at = 0; at < n; at++)
        bytes += text[at] != '\0';
    printf("%.3f %zu %zu\n", best, bytes, words);
    ubrk_close(it);
    free(scratch);
    free(text);
    return 0;
}
