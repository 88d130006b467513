/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checksums: what stands in the files must not change, nor depend on how the bytes came. */

#include "harness.h"
#include <gongbao/file.h>
#include <gongbao/sum.h>

static void one_text_has_one_sum(void **state)
{
    (void)state;
    const struct str part[] = {STR("公"), {NULL, 0}, STR("报")};
    char hex[SUM_HEX];
    struct sum128 back;
    sum_hex(sum128_of(STR("公报")), hex);
    assert_string_equal(hex, "abf108129a45c8e47648a7340a756c11");
    assert_true(sum_eq(sum128_join(part, 3), sum128_of(STR("公报"))));
    assert_true(sum_eq(sum128_join(NULL, 0), sum128_of(STR(""))));
    assert_true(sum_unhex(str_of(hex), &back));
    assert_true(sum_eq(back, sum128_of(STR("公报"))));
    assert_false(sum_unhex(STR("ABF108129A45C8E47648A7340A756C11"), &back));
    assert_false(sum_unhex(str_from(hex, 31), &back));
}

static void a_file_has_the_sum_of_its_bytes(void **state)
{
    (void)state;
    char path[PATH_MAX], *folder = harness_folder();
    struct err err = ERR_INIT;
    struct sum128 sum;
    uint64_t size;
    snprintf(path, sizeof(path), "%s/file", folder);
    assert_int_equal(file_replace(path, STR("公报"), 0600, NULL), ST_OK);
    assert_int_equal(sum_file(path, &sum, &size, NULL), ST_OK);
    assert_int_equal(size, 6);
    assert_true(sum_eq(sum, sum128_of(STR("公报"))));
    assert_int_equal(sum_file("/no/such", &sum, &size, &err), ST_IO);
    assert_string_equal(err.text, "open /no/such: No such file or directory");
    assert_int_equal(file_remove_tree(folder, NULL), ST_OK);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_text_has_one_sum),
        cmocka_unit_test(a_file_has_the_sum_of_its_bytes),
    };
    return RUN_TESTS(tests);
}
