/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_GOLDEN_H
#define GONGBAO_GOLDEN_H

/* Golden files: text in which some lines are input and the others what the program made of them.
 *
 * A renderer is given the input lines one after another and appends what belongs behind each. A
 * line is input when it is empty, begins with '#', or begins with a name the renderer knows. The
 * file made anew must be the file that is there; if it is not, it is left in GONGBAO_TMP (or /tmp)
 * beside a message, to be looked at and, when it is right, copied over the old one.
 */

#include "harness.h"

#include <glob.h>
#include <gongbao/buf.h>
#include <gongbao/file.h>

enum { GOLDEN_MAX = 1 << 20 };

/* Append the output for a line of input to out; false when the line is no input. */
typedef bool golden_line(void *ctx, struct str name, struct str value, struct buf *out);

static inline void golden_render(struct str text, golden_line *line, void *ctx, struct buf *out)
{
    while (text.n) {
        struct str whole = str_cut(&text, '\n'), value = whole, name = str_cut(&value, ' ');
        struct buf made;
        buf_init(&made, GOLDEN_MAX);
        if (whole.n == 0 || whole.p[0] == '#' || line(ctx, name, str_trim(value), &made)) {
            buf_adds(out, whole);
            buf_addc(out, '\n');
            buf_adds(out, buf_str(&made));
        }
        buf_fini(&made);
    }
}

static inline bool golden_file(const char *path, golden_line *line, void *ctx)
{
    struct buf wanted, made;
    buf_init(&wanted, GOLDEN_MAX);
    buf_init(&made, GOLDEN_MAX);
    assert_int_equal(file_read(path, &wanted, NULL), ST_OK);
    golden_render(buf_str(&wanted), line, ctx, &made);
    assert_true(buf_ok(&made));
    bool same = str_eq(buf_str(&wanted), buf_str(&made));
    if (!same) {
        const char *tmp = getenv("GONGBAO_TMP");
        char actual[PATH_MAX];
        snprintf(actual, sizeof(actual), "%s/%s", tmp ? tmp : "/tmp", strrchr(path, '/') + 1);
        assert_int_equal(file_replace(actual, buf_str(&made), 0644, NULL), ST_OK);
        print_error("%s is not what is made now: see %s\n", path, actual);
    }
    buf_fini(&wanted);
    buf_fini(&made);
    return same;
}

/* Every file that matches the pattern; there must be one. */
static inline void golden_files(const char *pattern, golden_line *line, void *ctx)
{
    glob_t found;
    bool same = true;
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        same = golden_file(found.gl_pathv[i], line, ctx) && same;
    globfree(&found);
    assert_true(same);
}

#endif
