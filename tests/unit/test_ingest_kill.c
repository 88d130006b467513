/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao-ingest killed at random moments, a hundred times.
 *
 * Two states of an index are put in turns: the same ids with other texts, and ten ids that only one
 * of the two has. Each run is killed somewhere on its way. After each the index must pass its own
 * check and be in one of the two states as a whole: every document of it and none of the other,
 * by its terms and by its stored texts. The next run then goes on from there, over whatever the one
 * before has left lying about.
 *
 * GONGBAO_SEED repeats a run; GONGBAO_BIN is where the program is.
 */

#include "harness.h"
#include <gongbao/file.h>
#include <gongbao/index.h>
#include <gongbao/utf8.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

#define KILLS    100
#define ATTEMPTS 500
#define SHARED   150
#define OWN      10

enum state { A, B };

static char *folder;
static struct arena mem;
static const char *dir;        /* of the index */
static const char *texts[2];   /* JSON Lines of each state */
static const char *leavers[2]; /* ids that the state does not have */
static const char *const mark[2] = {"甲", "乙"};
static const char *const mark_term[2] = {"甲公", "乙公"};
static uint64_t random_state;

extern char **environ;

/* xorshift64*: the same seed gives the same moments. */
static uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- the two states ---- */

static void add_document(struct buf *b, const char *kind, unsigned i, enum state s)
{
    buf_addf(b, "{\"id\":\"%s%u\",\"title\":\"第%u号%s公报\",\"body\":\"%s", kind, i, i, mark[s],
             mark[s]);
    for (unsigned k = 0; k < 60; k++) {
        char han[4];
        uint32_t cp = 0x4f00 + (i * 61 + k * k * 7) % 0x4000;
        buf_add(b, han, utf8_put(cp == 0x7532 || cp == 0x4e59 ? 0x516c : cp, han));
    }
    buf_addz(b, "。\"}\n");
}

static void write_state(enum state s)
{
    struct buf text, ids;
    buf_init(&text, 1 << 20);
    buf_init(&ids, 1 << 20);
    for (unsigned i = 0; i < SHARED; i++)
        add_document(&text, "both", i, s);
    for (unsigned i = 0; i < OWN; i++) {
        add_document(&text, s == A ? "a" : "b", i, s);
        buf_addf(&ids, "%s%u\n", s == A ? "b" : "a", i);
    }
    texts[s] = arena_fmt(&mem, "%s/%c.jsonl", folder, "ab"[s]);
    leavers[s] = arena_fmt(&mem, "%s/not-in-%c", folder, "ab"[s]);
    assert_int_equal(file_replace(texts[s], buf_str(&text), 0600, NULL), ST_OK);
    assert_int_equal(file_replace(leavers[s], buf_str(&ids), 0600, NULL), ST_OK);
    buf_fini(&text);
    buf_fini(&ids);
}

static int setup(void **state)
{
    (void)state;
    const char *seed = getenv("GONGBAO_SEED");
    random_state =
        seed ? strtoull(seed, NULL, 10) : ((uint64_t)time(NULL) << 20) + (uint64_t)getpid();
    random_state |= 1;
    printf("GONGBAO_SEED=%ju\n", (uintmax_t)random_state);
    arena_init(&mem, 1 << 20);
    folder = harness_folder();
    dir = arena_fmt(&mem, "%s/index", folder);
    write_state(A);
    write_state(B);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    enum st st = file_remove_tree(folder, NULL);
    arena_fini(&mem);
    free(folder);
    return st != ST_OK;
}

/* ---- runs ---- */

static pid_t start(enum state s)
{
    const char *bin = getenv("GONGBAO_BIN") ? getenv("GONGBAO_BIN") : "build/check";
    const char *program = arena_fmt(&mem, "%s/gongbao-ingest", bin);
    const char *lexicon = arena_fmt(&mem, "%s/gongbao.lex", bin);
    const char *argv[] = {program,    "--index",  dir,      "--lexicon", lexicon,
                          "--delete", leavers[s], texts[s], NULL};
    posix_spawn_file_actions_t quiet;
    pid_t pid;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    assert_int_equal(
        posix_spawn(&pid, program, &quiet, NULL, (char *const *)(uintptr_t)argv, environ), 0);
    posix_spawn_file_actions_destroy(&quiet);
    return pid;
}

/* A whole run; how many microseconds it took. */
static uint64_t run_whole(enum state s)
{
    int status;
    uint64_t began = now();
    pid_t pid = start(s);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return now() - began;
}

/* A run that is killed after that many microseconds; false when it was through before. */
static bool run_killed(enum state s, uint64_t after)
{
    int status;
    pid_t pid = start(s);
    const struct timespec wait = {(time_t)(after / 1000000), (long)(after % 1000000) * 1000};
    nanosleep(&wait, NULL);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

/* ---- what is there ---- */

static void print_finding(void *ctx, const char *line)
{
    (void)ctx;
    print_error("%s\n", line);
}

static uint64_t documents_with(struct ix_view *v, const char *term, struct arena *a)
{
    const struct ix_node node = {.op = IX_TERM, .term = str_of(term)};
    const struct ix_search q = {
        .query = &node, .limit = 1, .exact_up_to = 100000, .k1 = 1.2, .b = 0.75};
    struct ix_result r;
    struct err err = ERR_INIT;
    if (ix_search(v, &q, a, &r, &err) != ST_OK)
        fail_msg("%s", err.text);
    assert_true(r.exact);
    return r.total;
}

/* Every document of the state is there as it was put, and none of those it does not have. */
static void expect_documents(struct ix_view *v, enum state s, struct arena *a)
{
    struct ix_doc doc;
    uint64_t at;
    for (unsigned i = 0; i < SHARED + OWN; i++) {
        const char *id =
            i < SHARED ? arena_fmt(a, "both%u", i) : arena_fmt(a, "%c%u", "ab"[s], i - SHARED);
        assert_int_equal(ix_find(v, str_of(id), &at, NULL), ST_OK);
        assert_int_equal(ix_document(v, at, a, &doc, NULL), ST_OK);
        assert_true(str_eq(doc.id, str_of(id)));
        assert_true(str_starts(doc.body, str_of(mark[s])));
    }
    for (unsigned i = 0; i < OWN; i++) {
        const char *id = arena_fmt(a, "%c%u", "ba"[s], i);
        assert_int_equal(ix_find(v, str_of(id), &at, NULL), ST_NOT_FOUND);
    }
}

/* The state in which the index is, as a whole. */
static enum state look(void)
{
    struct ix_reader *r;
    struct ix_view *v;
    struct ix_info info;
    struct arena a;
    struct err err = ERR_INIT;
    if (ix_check(dir, print_finding, NULL, &err) != ST_OK || ix_reader_open(dir, &r, &err) != ST_OK)
        fail_msg("%s", err.text);
    assert_int_equal(ix_view_open(&r, 1, &v, &err), ST_OK);
    arena_init(&a, 16 << 20);
    ix_reader_info(r, &info);
    assert_int_equal(info.documents, SHARED + OWN);
    uint64_t n = documents_with(v, mark_term[A], &a);
    enum state s = n > 0 ? A : B;
    assert_int_equal(n, s == A ? SHARED + OWN : 0);
    assert_int_equal(documents_with(v, mark_term[B], &a), s == B ? SHARED + OWN : 0);
    expect_documents(v, s, &a);
    ix_view_close(v);
    ix_reader_close(r);
    arena_fini(&a);
    return s;
}

/* How long a run takes is guessed and corrected as kills come too late, for the machine may have
 * other work. Every other kill is aimed late, at publishing. */
static void a_hundred_kills(void **state)
{
    unsigned kills = 0, through = 0, after = 0;
    (void)state;
    run_whole(A);
    uint64_t whole = run_whole(B);
    enum state is = B;
    for (unsigned i = 0; kills < KILLS && i < ATTEMPTS; i++) {
        enum state wanted = is == A ? B : A;
        uint64_t early = i % 2 ? whole * 2 / 3 : 0;
        if (run_killed(wanted, early + next_random() % (whole - early))) {
            enum state found = look();
            kills++;
            after += found == wanted;
            whole += whole / 64;
            is = found;
        } else {
            through++;
            whole -= whole / 16;
            is = wanted;
        }
    }
    printf("%u kills: %u left the state before, %u the state after; %u more runs were through\n",
           kills, kills - after, after, through);
    assert_int_equal(kills, KILLS);
    enum state wanted = is == A ? B : A;
    run_whole(wanted);
    assert_int_equal(look(), wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hundred_kills, setup, teardown),
    };
    return RUN_TESTS(tests);
}
