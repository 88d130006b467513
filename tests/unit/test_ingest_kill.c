/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao-ingest killed at random moments, a hundred times, and again while it merges.
 *
 * Two states of an index are put in turns: the same ids with other texts, and ten ids that only one
 * of the two has. Each run is killed somewhere on its way. After each the index must pass its own
 * check and be in one of the two states as a whole: every document of it and none of the other,
 * by its terms and by its stored texts. The next run then goes on from there, over whatever the one
 * before has left lying about.
 *
 * Then one of the states lies in several segments with dead documents, and runs that only merge are
 * killed: the documents are the same after each, in these segments or in one. Runs that are asked
 * to end while they merge leave everything as it was.
 *
 * GONGBAO_SEED repeats a run; GONGBAO_BIN is where the program is.
 */

#include "dice.h"
#include "harness.h"
#include <dirent.h>
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
static const char *said;       /* what a run wrote to standard error */
static const char *const mark[2] = {"甲", "乙"};
static const char *const mark_term[2] = {"甲公", "乙公"};
static struct dice dice;

extern char **environ;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- the two states ---- */

static void add_document(struct buf *b, const char *kind, unsigned i, enum state s,
                         unsigned characters)
{
    buf_addf(b, "{\"id\":\"%s%u\",\"title\":\"第%u号%s公报\",\"body\":\"%s", kind, i, i, mark[s],
             mark[s]);
    for (unsigned k = 0; k < characters; k++) {
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
        add_document(&text, "both", i, s, 60);
    for (unsigned i = 0; i < OWN; i++) {
        add_document(&text, s == A ? "a" : "b", i, s, 60);
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
    dice = dice_seeded();
    arena_init(&mem, 1 << 20);
    folder = harness_folder();
    dir = arena_fmt(&mem, "%s/index", folder);
    said = arena_fmt(&mem, "%s/said", folder);
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

/* Start the program on the index with some more arguments. */
static pid_t start(const char *const *more)
{
    enum { ARGS = 16 };
    const char *bin = getenv("GONGBAO_BIN") ? getenv("GONGBAO_BIN") : "build/check";
    const char *program = arena_fmt(&mem, "%s/gongbao-ingest", bin);
    const char *lexicon = arena_fmt(&mem, "%s/gongbao.lex", bin);
    const char *argv[ARGS] = {program, "--index", dir, "--lexicon", lexicon};
    for (size_t n = 5; n < ARGS - 1 && *more; n++)
        argv[n] = *more++;
    posix_spawn_file_actions_t quiet;
    pid_t pid;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, said, O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    assert_int_equal(
        posix_spawn(&pid, program, &quiet, NULL, (char *const *)(uintptr_t)argv, environ), 0);
    posix_spawn_file_actions_destroy(&quiet);
    return pid;
}

/* A run to its end, which must be a good one; how many microseconds it took. */
static uint64_t run_to_end(const char *const *more)
{
    int status;
    uint64_t began = now();
    pid_t pid = start(more);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return now() - began;
}

static uint64_t run_whole(enum state s)
{
    return run_to_end((const char *[]){"--delete", leavers[s], texts[s], NULL});
}

static void wait_us(uint64_t us)
{
    const struct timespec wait = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};
    nanosleep(&wait, NULL);
}

/* A run that is killed after that many microseconds; false when it was through before. */
static bool run_killed(const char *const *more, uint64_t after)
{
    int status;
    pid_t pid = start(more);
    wait_us(after);
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
    const struct ix_search q = {.query = &node, .limit = 1, .k1 = 1.2, .b = 0.75};
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
        if (run_killed((const char *[]){"--delete", leavers[wanted], texts[wanted], NULL},
                       early + dice_below(&dice, whole - early))) {
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

/* ---- merging ---- */

#define SLICES      6
#define MERGE_KILLS 20

static const char *const merging[] = {"--optimize", NULL};

/* State A in a batch a slice, where every fourth document is in several and dead in all but the
 * last. */
static void write_slices(void)
{
    const char *conf = arena_fmt(&mem, "%s/conf", folder);
    assert_int_equal(file_replace(conf, STR("merge.max_seconds = 0\n"), 0600, NULL), ST_OK);
    for (unsigned slice = 0; slice < SLICES; slice++) {
        struct buf text;
        const char *path = arena_fmt(&mem, "%s/slice.jsonl", folder);
        buf_init(&text, 1 << 24);
        for (unsigned i = 0; i < SHARED; i++)
            if (i % SLICES == slice || (i % 4 == 0 && i % SLICES < slice))
                add_document(&text, "both", i, A, 150 + slice);
        for (unsigned i = 0; i < OWN; i++)
            add_document(&text, "a", i, A, 150 + slice);
        assert_int_equal(file_replace(path, buf_str(&text), 0600, NULL), ST_OK);
        buf_fini(&text);
        run_to_end((const char *[]){"--conf", conf, path, NULL});
    }
}

static uint64_t segments(void)
{
    struct ix_reader *r;
    struct ix_info info;
    assert_int_equal(ix_reader_open(dir, &r, NULL), ST_OK);
    ix_reader_info(r, &info);
    ix_reader_close(r);
    return info.segments;
}

/* Have the index be the one in slices again, of which there is a copy. */
static void put_slices_back(void)
{
    char *command;
    assert_true(asprintf(&command, "rm -rf '%s' && cp -a '%s.slices' '%s'", dir, dir, dir) > 0);
    assert_int_equal(system(command), 0);
    free(command);
}

static void make_slices(void)
{
    char *command;
    assert_int_equal(file_remove_tree(dir, NULL), ST_OK);
    write_slices();
    assert_int_equal(segments(), SLICES);
    assert_true(asprintf(&command, "cp -a '%s' '%s.slices'", dir, dir) > 0);
    assert_int_equal(system(command), 0);
    free(command);
}

/* Whether there is a segment that is being written. */
static bool is_merging(void)
{
    DIR *d = opendir(dir);
    bool found = false;
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        found |= strncmp(e->d_name, "tmp-", 4) == 0;
    closedir(d);
    return found;
}

static void kills_in_a_merge(void **state)
{
    (void)state;
    unsigned kills = 0, inside = 0, after = 0;
    make_slices();
    uint64_t whole = run_to_end(merging);
    assert_int_equal(look(), A);
    assert_int_equal(segments(), 1);
    put_slices_back();
    for (unsigned i = 0; kills < MERGE_KILLS && i < ATTEMPTS; i++) {
        bool killed = run_killed(merging, dice_below(&dice, whole));
        bool writing = is_merging();
        whole = killed ? whole + whole / 64 : whole - whole / 16;
        assert_int_equal(look(), A);
        uint64_t n = segments();
        assert_true(n == 1 || (killed && n == SLICES));
        if (n == 1)
            put_slices_back();
        kills += killed;
        inside += killed && writing;
        after += killed && n == 1;
    }
    printf("%u kills: %u left a segment half written, %u the merged one in force\n", kills, inside,
           after);
    assert_int_equal(kills, MERGE_KILLS);
    assert_true(inside > 0);
}

/* Ask a run to end, so many microseconds after it began to merge; its exit status. */
static int run_asked_to_end(uint64_t after)
{
    int status = 0;
    pid_t pid = start(merging), ended = 0;
    while (ended == 0 && !is_merging()) {
        wait_us(500);
        ended = waitpid(pid, &status, WNOHANG);
    }
    if (ended == 0) {
        wait_us(after);
        uint64_t began = now();
        kill(pid, SIGTERM);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_in_range(now() - began, 0, 2000000);
    }
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_merge_that_is_asked_to_end(void **state)
{
    (void)state;
    unsigned given_up = 0;
    put_slices_back();
    for (unsigned i = 0; i < 5; i++) {
        int status = run_asked_to_end(dice_below(&dice, 5000));
        assert_int_equal(look(), A);
        assert_int_equal(segments(), status == 0 ? 1 : SLICES);
        assert_false(is_merging());
        if (status == 0) {
            put_slices_back();
            continue;
        }
        struct buf b;
        buf_init(&b, 1 << 20);
        assert_int_equal(file_read(said, &b, NULL), ST_OK);
        buf_addc(&b, '\0');
        assert_non_null(strstr(b.p, "interrupted; the index is as it was"));
        buf_fini(&b);
        assert_int_equal(status, 4);
        given_up++;
    }
    printf("%u of 5 gave up\n", given_up);
    assert_true(given_up > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_kills),
        cmocka_unit_test(kills_in_a_merge),
        cmocka_unit_test(a_merge_that_is_asked_to_end),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
