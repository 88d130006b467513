/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A fuzzer without libFuzzer: runs its entry on each file that is kept for it.
 *
 *     fuzz_NAME [FOLDER-OR-FILE...]     tests/fuzz/corpus/fuzz_NAME when none is given
 *
 * Each input lies in memory of its own, so that the sanitizers see a read past its end. The
 * name of an input is told before it is run. A corpus that is empty is a mistake.
 */

#include <dirent.h>
#include <errno.h>
#include <gongbao/file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX ((size_t)1 << 20)

static size_t replay_file(const char *path)
{
    struct err err = ERR_INIT;
    struct buf file;
    buf_init(&file, INPUT_MAX);
    printf("%s\n", path);
    fflush(stdout);
    if (file_read(path, &file, &err) != ST_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(EXIT_FAILURE);
    }
    uint8_t *data = malloc(file.n ? file.n : 1);
    if (!data)
        abort();
    if (file.n)
        memcpy(data, file.p, file.n);
    LLVMFuzzerTestOneInput(data, file.n);
    free(data);
    buf_fini(&file);
    return 1;
}

static size_t replay(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return errno == ENOTDIR ? replay_file(path) : 0;
    size_t n = 0;
    for (const struct dirent *e; (e = readdir(folder));) {
        char *name;
        if (e->d_name[0] == '.')
            continue;
        if (asprintf(&name, "%s/%s", path, e->d_name) < 0)
            abort();
        n += replay_file(name);
        free(name);
    }
    closedir(folder);
    return n;
}

int main(int argc, char **argv)
{
    char *corpus = NULL;
    size_t n = 0;
    if (asprintf(&corpus, "tests/fuzz/corpus/%s", program_invocation_short_name) < 0)
        return EXIT_FAILURE;
    for (int i = 1; i < argc; i++)
        n += replay(argv[i]);
    if (argc == 1)
        n = replay(corpus);
    printf("%zu inputs\n", n);
    free(corpus);
    return n ? EXIT_SUCCESS : EXIT_FAILURE;
}
