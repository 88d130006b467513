/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inputs of the writer of terms that cannot be read to their end. */

#include "harness.h"

#include "glass_pair.h"
#include <stdatomic.h>

/* ---- inputs that fail ---- */

/* The same thousand terms in every input; the last input cannot be read beyond some of them. */
struct short_input {
    struct post_input input;
    uint32_t docid;
    bool fails;
    atomic_bool *again; /* set when a source is asked for more after a failure */
};

struct short_source {
    struct post_source s;
    const struct short_input *of;
    unsigned at;
    char text[8];
    bool failed, told;
};

static void stand_at(struct short_source *s, unsigned at)
{
    s->at = at;
    s->told = false;
    snprintf(s->text, sizeof(s->text), "t%03u", at % 1000);
    s->s.term = at < 1000 ? str_of(s->text) : STR("");
    s->s.head = at < 1000 ? post_head(s->text, 4) : 0;
    s->s.tf = s->s.cf = 1;
}

static enum st seek_short(struct post_source *source, struct str term, struct err *err)
{
    struct short_source *s = (struct short_source *)source;
    (void)err;
    if (s->failed)
        atomic_store(s->of->again, true);
    stand_at(s, term.n ? (unsigned)atoi(term.p + 1) : 0);
    return ST_OK;
}

static enum st next_short(struct post_source *source, struct err *err)
{
    struct short_source *s = (struct short_source *)source;
    if (s->failed)
        atomic_store(s->of->again, true);
    s->failed = s->of->fails && s->at % 10 == 5;
    if (s->failed)
        return err_set(err, ST_IO, "no further than %s", s->text);
    stand_at(s, s->at + 1);
    return ST_OK;
}

static enum st part_short(struct post_source *source, struct post_part *out, struct err *err)
{
    struct short_source *s = (struct short_source *)source;
    (void)err;
    *out = (struct post_part){.first = s->of->docid, .last = s->of->docid};
    out->packed = s->told ? STR("") : STR("\1");
    s->told = true;
    return ST_OK;
}

static void close_short(struct post_source *source)
{
    free(source);
}

static enum st open_short(const struct post_input *in, struct post_source **out, struct err *err)
{
    static const struct post_source_ops ops = {seek_short, next_short, part_short, close_short};
    struct short_source *s = calloc(1, sizeof(*s));
    if (!s)
        return err_nomem(err);
    s->s.ops = &ops;
    s->of = (const struct short_input *)in;
    *out = &s->s;
    return ST_OK;
}

/* A range at every tenth term. */
static enum st sample_short(const struct post_input *in, post_sample *tell, void *ctx,
                            struct err *err)
{
    enum st st = ST_OK;
    char text[8];
    (void)in;
    for (unsigned i = 10; i < 1000 && st == ST_OK; i += 10) {
        snprintf(text, sizeof(text), "t%03u", i);
        st = tell(ctx, str_of(text), 2 << 20, err);
    }
    return st;
}

static void a_source_that_failed_is_not_read_again(void **state)
{
    enum { INPUTS = 8 };
    static const struct post_input_ops ops = {open_short, sample_short};
    struct pair *p = *state;
    struct short_input in[INPUTS];
    const struct post_input *input[INPUTS];
    atomic_bool again = false;
    for (uint32_t i = 0; i < INPUTS; i++) {
        in[i] = (struct short_input){{&ops}, i + 1, i == INPUTS - 1, &again};
        input[i] = &in[i].input;
        assert_ok(glass_document(p->glass, i + 1, 1000, STR("x"), &p->err), p);
    }
    assert_int_equal(glass_terms(p->glass, input, INPUTS, 3, &p->err), ST_IO);
    assert_string_equal(p->err.text, "no further than t005");
    assert_false(again);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_source_that_failed_is_not_read_again),
    };
    return RUN_TESTS(tests);
}
