/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lexicon: what a compiled file knows, how lists combine, and that damage does no harm. */

#include "../../src/lexicon/format.h"
#include "harness.h"

#include "analysis_util.h"

/* A folder of its own for a test that writes a file. */
struct place {
    char *folder;
    char path[PATH_MAX];
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    assert_non_null(place);
    place->folder = harness_folder();
    snprintf(place->path, sizeof(place->path), "%s/words.lex", place->folder);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    assert_int_equal(file_remove_tree(place->folder, NULL), ST_OK);
    free(place->folder);
    free(place);
    return 0;
}

#define WORD_MAX 64

/* Fold text as keys are. */
static size_t folded(const char *text, uint32_t *cp)
{
    const char *p = text, *end = text + strlen(text);
    size_t n = 0;
    while (p < end && n < WORD_MAX) {
        uint32_t c = 0;
        p += utf8_next(p, end, &c);
        cp[n++] = an_fold_char(c);
    }
    return n;
}

/* The words that are prefixes of folded text. */
static size_t words_at(const struct lex *lex, const uint32_t *cp, size_t n, struct lex_match *out,
                       size_t max)
{
    uint16_t code[WORD_MAX];
    lex_codes(lex, cp, n, code);
    return lex_prefixes_of(lex, code, n, out, max);
}

/* The match that is the whole of text. */
static bool find(const struct lex *lex, const char *text, struct lex_match *out)
{
    uint32_t cp[WORD_MAX];
    struct lex_match match[LEX_WORD_MAX];
    size_t len = folded(text, cp), n = words_at(lex, cp, len, match, LEX_WORD_MAX);
    if (n == 0 || match[n - 1].length != len)
        return false;
    *out = match[n - 1];
    return true;
}

static void assert_spelled(const struct lex *lex, const char *text, const char *want)
{
    struct lex_match m;
    char got[256] = "";
    size_t n;
    assert_true(find(lex, text, &m));
    const uint32_t *cp = lex_spelling(lex, m.word, &n);
    if (cp)
        utf8_of(cp, n, got, sizeof(got));
    assert_string_equal(got, want);
}

static void prefixes(void **state)
{
    (void)state;
    struct lex *lex = lexicon_of("中 9\n中华 8\n中华人民 7\n中华人民共和国 6\n人民 5\n", "");
    uint32_t cp[WORD_MAX];
    struct lex_match m[LEX_WORD_MAX];
    size_t n = folded("中华人民共和国万岁", cp);
    assert_int_equal(words_at(lex, cp, n, m, LEX_WORD_MAX), 4);
    assert_int_equal(m[0].length, 1);
    assert_int_equal(m[1].length, 2);
    assert_int_equal(m[3].length, 7);
    assert_true(m[0].cost < m[3].cost && m[3].cost < lex_unknown_cost(lex));
    assert_int_equal(words_at(lex, cp, n, m, 2), 2);
    assert_int_equal(words_at(lex, cp, 3, m, LEX_WORD_MAX), 2);
    assert_int_equal(words_at(lex, cp + 1, n - 1, m, LEX_WORD_MAX), 0);
    assert_int_equal(words_at(lex, (uint32_t[]){UINT32_MAX, 0}, 2, m, LEX_WORD_MAX), 0);
    lex_close(lex);
}

/* A cost is the negative logarithm of a word's share. */
static void costs(void **state)
{
    (void)state;
    struct lex *lex = lexicon_of("甲 1000\n乙 1000\n", "");
    struct lex_match m;
    assert_true(find(lex, "甲", &m));
    assert_in_range(m.cost, 709, 711); /* ln 2 * 1024 */
    lex_close(lex);
}

static void spellings(void **state)
{
    (void)state;
    struct lex *lex =
        lexicon_of("# 注\n乾隆 30\n著作 40 n\n着作 2\n家具 60\n家俱 3\nＡＴ&Ｔ 5\nB超 6\n"
                   "卡尔·马克思 7\n",
                   "傢俱\t家具 傢俱\n不識\t不识\n");
    assert_spelled(lex, "乾隆", "乾隆");
    assert_spelled(lex, "着作", "著作");
    assert_spelled(lex, "家俱", "家具"); /* the more frequent spelling of what 傢俱 folds to */
    assert_spelled(lex, "家具", "");
    assert_spelled(lex, "at&t", "");
    assert_spelled(lex, "b超", "");
    assert_spelled(lex, "卡尔马克思", "");
    struct lex_match m;
    assert_false(find(lex, "不识", &m)); /* an alias of no word */
    lex_close(lex);
}

/* A later list corrects an earlier one; a word without a frequency beats its parts. */
static void user_words(void **state)
{
    (void)state;
    struct lex *lex =
        lexicon_of("共富 50\n工坊 40\n联农 1\n带富 1\n普通 900000\n普通 1\n共富工坊\n", "");
    struct lex_match whole, left, right;
    assert_true(find(lex, "共富工坊", &whole));
    assert_true(find(lex, "共富", &left));
    assert_true(find(lex, "工坊", &right));
    assert_true(whole.cost < left.cost + right.cost);
    assert_true(find(lex, "普通", &whole));
    assert_true(whole.cost > left.cost);
    lex_close(lex);
}

/* Compile the words of base and user words into a lexicon that the caller closes. */
static struct lex *lexicon_on(const char *path, const struct lex *base, const char *user)
{
    struct lex_builder *b;
    struct lex *lex = NULL;
    assert_int_equal(lex_builder_new(an_lexicon_char, an_fold_version(), &b, NULL), ST_OK);
    assert_int_equal(lex_builder_base(b, base, NULL), ST_OK);
    assert_int_equal(lex_builder_user(b, str_of(user), "user", NULL), ST_OK);
    assert_int_equal(lex_builder_finish(b, path, NULL), ST_OK);
    lex_builder_free(b);
    assert_int_equal(lex_open(path, &lex, NULL), ST_OK);
    return lex;
}

/* A compiled lexicon taken as the base gives the same words at the same costs, and user words
 * change none but their own. */
static void a_base(void **state)
{
    static const char *const word[] = {"乾隆", "著作", "中", "中华", "经济", "家具", "b超"};
    const struct place *place = *state;
    struct lex *base = lexicon_of("乾隆 30\n著作 40\n着作 2\n中 9\n中华 8000\n经济 123457\n"
                                  "家具 60\n家俱 3\nB超 6\n",
                                  "傢俱\t家具\n");
    struct lex *same = lexicon_on(place->path, base, "");
    struct lex *more = lexicon_on(place->path, base, "共富工坊\n中华经济 77\n");
    for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
        struct lex_match want, got;
        assert_true(find(base, word[i], &want));
        assert_true(find(same, word[i], &got));
        assert_int_equal(got.cost, want.cost);
        assert_true(find(more, word[i], &got));
        assert_int_equal(got.cost, want.cost);
    }
    assert_spelled(more, "着作", "著作");
    assert_spelled(more, "家俱", "家具");
    struct lex_info a, b;
    lex_info(base, &a);
    lex_info(more, &b);
    assert_int_equal(b.words, a.words + 2);
    lex_close(more);
    lex_close(same);
    lex_close(base);
}

/* The last line about a word holds, however it is written; the spelling is the dictionary's, or
 * that of the parts. */
static void user_words_win(void **state)
{
    const struct place *place = *state;
    struct lex_match m, part;
    struct lex *base = lexicon_of("著作 40\n强调 900\n以下 500\n权 30\n工坊 4\n经济 1000000\n", "");
    struct lex *lex = lexicon_on(place->path, base,
                                 "# 注\n\n強調 1\n强调 1000000 # 后来\n-以下\n著作權\t# 注\n"
                                 "工坊 9\n-工坊\n從來沒有\n-没有的词\n");
    assert_true(find(lex, "强调", &m));
    assert_true(find(lex, "经济", &part));
    assert_int_equal(m.cost, part.cost);
    assert_spelled(lex, "强调", "");
    assert_false(find(lex, "以下", &m));
    assert_false(find(lex, "工坊", &m));
    assert_spelled(lex, "着作权", "著作权");
    assert_spelled(lex, "从来没有", "");
    lex_close(lex);
    lex_close(base);
}

static void bad_user_words(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"好\n词 x\n",
         "u:2: a weight is a number from 1 to 4294967295, not x; a word has no space in it"},
        {"a b c\n",
         "u:1: a weight is a number from 1 to 4294967295, not b; a word has no space in it"},
        {"好\n－以下\n",
         "u:2: a word does not begin with －; what takes one away is -, the narrow one"},
        {"—以下\n", "u:1: a word does not begin with —; what takes one away is -, the narrow one"},
        {"-―以下\n", "u:1: a word does not begin with ―; what takes one away is -, the narrow one"},
        {"--以下\n", "u:1: a word does not begin with -"},
        {"以\x01下\n", "u:1: U+0001, a control character, cannot stand in a word"},
        {"词 0\n", "u:1: a weight is a number from 1 to 4294967295, not 0"},
        {"词 7 n\n",
         "u:1: nothing but a comment, which begins with #, may stand behind the weight"},
        {"-词 7\n", "u:1: a word that is taken away has no weight"},
        {"#\n好，坏\n", "u:2: \"好，坏\" cannot be a word: \"，\" separates words"},
        {"一二三四五六七八九十一二三四五六七\n",
         "u:1: \"一二三四五六七八九十一二三四五六七\" is longer than 16 characters"},
        {"·\n", "u:1: \"·\" has no text in it"},
        {"-\n", "u:1: \"\" has no text in it"},
        {"好\n\xff\xfe\n", "u:2: not UTF-8"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct lex_builder *b;
        struct err err = ERR_INIT;
        assert_int_equal(lex_builder_new(an_lexicon_char, 1, &b, NULL), ST_OK);
        assert_int_equal(lex_builder_user(b, str_of(bad[i][0]), "u", &err), ST_REJECTED);
        assert_string_equal(err.text, bad[i][1]);
        lex_builder_free(b);
    }
    struct lex_builder *b;
    struct err err = ERR_INIT;
    assert_int_equal(lex_builder_new(an_lexicon_char, 1, &b, NULL), ST_OK);
    assert_int_equal(lex_builder_user(b, STR("以\0下\n"), "u", &err), ST_REJECTED);
    assert_string_equal(err.text, "u:1: U+0000, a control character, cannot stand in a word");
    lex_builder_free(b);
}

static void edits(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        struct lex_edit edit;
        const char *after; /* NULL: refused */
    } rows[] = {
        {"", {STR("词"), 0, LEX_PUT}, "词\n"},
        {"# 头\n甲\n", {STR("词"), 5, LEX_PUT}, "# 头\n甲\n词 5\n"},
        {"甲", {STR("词"), 0, LEX_PUT}, "甲\n词\n"},
        {"強調 3 # 注\n\n甲\n", {STR("强调"), 0, LEX_PUT}, "强调 # 注\n\n甲\n"},
        {"词 1\n甲\n词 2 # 注\n", {STR("词"), 0, LEX_REMOVE}, "甲\n-词 # 注\n"},
        {"-词\n甲\n", {STR("词"), 0, LEX_PUT}, "词\n甲\n"},
        {"甲\n词 # 注\n# 尾\n", {STR("词"), 0, LEX_FORGET}, "甲\n# 尾\n"},
        {"甲\n", {STR("词"), 0, LEX_FORGET}, "甲\n"},
        {"甲 多\n", {STR("词"), 0, LEX_PUT}, NULL},
        {"甲\n", {STR("一 词"), 0, LEX_PUT}, NULL},
        {"甲\n", {STR("#词"), 0, LEX_PUT}, NULL},
        {"甲\n", {STR("－词"), 0, LEX_PUT}, NULL},
        {"甲\n", {STR(""), 0, LEX_PUT}, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf out;
        bool changed = false;
        buf_init(&out, 1000);
        enum st st = lex_user_edit(an_lexicon_char, str_of(rows[i].before), "u", &rows[i].edit,
                                   &out, &changed, NULL);
        assert_int_equal(st, rows[i].after ? ST_OK : ST_REJECTED);
        if (rows[i].after) {
            assert_true(str_eq(buf_str(&out), str_of(rows[i].after)));
            assert_int_equal(changed, strcmp(rows[i].before, rows[i].after) != 0);
        }
        buf_fini(&out);
    }
}

static void bad_lists(void **state)
{
    const struct place *place = *state;
    static const char *const bad[][2] = {
        {"好 1\n词 x\n", "w.txt:2: a frequency is a number from 1 to 4294967295, not x"},
        {"好 1\n词 0\n", "w.txt:2: a frequency is a number from 1 to 4294967295, not 0"},
        {"好 1\n\xff\xfe 3\n", "w.txt:2: not UTF-8"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct lex_builder *b;
        struct err err = ERR_INIT;
        assert_int_equal(lex_builder_new(an_lexicon_char, 1, &b, NULL), ST_OK);
        assert_int_equal(lex_builder_words(b, str_of(bad[i][0]), "w.txt", &err), ST_REJECTED);
        assert_string_equal(err.text, bad[i][1]);
        lex_builder_free(b);
    }
    struct lex_builder *b;
    struct err err = ERR_INIT;
    assert_int_equal(lex_builder_new(an_lexicon_char, 1, &b, NULL), ST_OK);
    assert_int_equal(lex_builder_aliases(b, STR("无\n"), "a.txt", &err), ST_REJECTED);
    assert_string_equal(err.text, "a.txt:1: a phrase, a tab and its spelling are expected");
    assert_int_equal(lex_builder_finish(b, place->path, &err), ST_REJECTED);
    lex_builder_free(b);
}

/* A lexicon for other fold tables is refused by the analyzer. */
static void other_fold(void **state)
{
    const struct place *place = *state;
    struct lex_builder *b;
    struct lex *lex;
    struct an *an;
    assert_int_equal(lex_builder_new(an_lexicon_char, an_fold_version() + 1, &b, NULL), ST_OK);
    assert_int_equal(lex_builder_words(b, STR("词 1\n"), "w", NULL), ST_OK);
    assert_int_equal(lex_builder_finish(b, place->path, NULL), ST_OK);
    lex_builder_free(b);
    assert_int_equal(lex_open(place->path, &lex, NULL), ST_OK);
    assert_int_equal(an_new(lex, &an, NULL), ST_DAMAGED);
    lex_close(lex);
}

static void write_file(const char *path, const char *p, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
}

static void walk_all(const struct lex *lex)
{
    uint32_t cp[WORD_MAX];
    struct lex_match m[LEX_WORD_MAX];
    size_t len = folded("乾隆著作中华人民共和国家俱", cp), ncp;
    for (size_t i = 0; i < len; i++) {
        size_t n = words_at(lex, cp + i, len - i, m, LEX_WORD_MAX);
        while (n-- > 0)
            lex_spelling(lex, m[n].word, &ncp);
    }
    lex_spelling(lex, UINT32_MAX, &ncp);
}

/* A compiled lexicon in memory; `path` is where it lies. */
static struct buf compiled(const char *path, struct str words)
{
    struct lex_builder *b;
    struct buf file;
    buf_init(&file, 1 << 24);
    assert_int_equal(lex_builder_new(an_lexicon_char, an_fold_version(), &b, NULL), ST_OK);
    assert_int_equal(lex_builder_words(b, words, "w", NULL), ST_OK);
    assert_int_equal(lex_builder_finish(b, path, NULL), ST_OK);
    lex_builder_free(b);
    assert_int_equal(file_read(path, &file, NULL), ST_OK);
    return file;
}

/* Every byte of a small file damaged in turn, and the file cut at every length: it is refused, or
 * read without harm, and lex_verify always tells. */
static void damage(void **state)
{
    const char *path = ((struct place *)*state)->path;
    struct buf file = compiled(path, STR("乾隆 3\n著作 4\n中华 5\n中华人民 2\n国家 9\n"));
    struct lex *lex;
    for (size_t at = 0; at < file.n; at += at < 256 ? 1 : 53) {
        struct err err = ERR_INIT;
        file.p[at] ^= (char)(at % 2 ? 0xff : 0x40);
        write_file(path, file.p, file.n);
        if (lex_open(path, &lex, &err) == ST_OK) {
            walk_all(lex);
            assert_int_equal(lex_verify(lex, &err), ST_DAMAGED);
            lex_close(lex);
        } else {
            assert_int_equal(err.st, ST_DAMAGED);
        }
        file.p[at] ^= (char)(at % 2 ? 0xff : 0x40);
        write_file(path, file.p, at);
        assert_int_equal(lex_open(path, &lex, &err), ST_DAMAGED);
        assert_non_null(strstr(err.text, path));
    }
    buf_fini(&file);
    unlink(path);
    assert_int_equal(lex_open(path, &lex, NULL), ST_IO);
}

static struct lex_section section_of(const struct buf *file, enum lex_section_id id)
{
    struct lex_section s;
    memcpy(&s, file->p + sizeof(struct lex_header) + ((size_t)id - 1) * sizeof(s), sizeof(s));
    return s;
}

/* A cost beyond all paths would leave the analyzer without one. */
static void a_cost_out_of_range(void **state)
{
    const char *path = ((struct place *)*state)->path;
    char message[PATH_MAX + 80];
    struct buf file = compiled(path, STR("乾隆 3\n"));
    char *meta = file.p + section_of(&file, LEX_SEC_META).offset;
    const uint32_t cost[] = {LEX_COST_MAX, LEX_COST_MAX + 1, UINT32_MAX};
    for (size_t i = 0; i < 3; i++) {
        struct lex *lex = NULL;
        struct err err = ERR_INIT;
        memcpy(meta + offsetof(struct lex_meta, unknown), &cost[i], sizeof(cost[i]));
        write_file(path, file.p, file.n);
        assert_int_equal(lex_open(path, &lex, &err), i == 0 ? ST_OK : ST_DAMAGED);
        snprintf(message, sizeof(message), "%s: an unknown character costs %u, more than 32766",
                 path, cost[i]);
        assert_string_equal(err.text, i == 0 ? "" : message);
        lex_close(lex);
    }
    buf_fini(&file);
}

/* The end of 甲乙 leads back to the root's children: 甲乙甲乙… without end. */
static void a_trie_that_goes_in_a_circle(void **state)
{
    const char *path = ((struct place *)*state)->path;
    struct buf file = compiled(path, STR("甲乙 1\n"));
    const struct lex_section nodes = section_of(&file, LEX_SEC_NODES);
    struct lex_node *node = (struct lex_node *)(file.p + nodes.offset);
    size_t last = nodes.bytes / sizeof(*node);
    while (node[--last].cost == LEX_NO_WORD)
        continue;
    node[last].base = node[0].base;
    write_file(path, file.p, file.n);
    struct lex *lex;
    struct lex_match m[LEX_WORD_MAX];
    uint32_t cp[WORD_MAX];
    assert_int_equal(lex_open(path, &lex, NULL), ST_OK);
    for (size_t i = 0; i < WORD_MAX; i += 2)
        folded("甲乙", cp + i);
    size_t n = words_at(lex, cp, WORD_MAX, m, LEX_WORD_MAX);
    assert_int_equal(n, LEX_WORD_MAX / 2);
    assert_int_equal(m[n - 1].length, LEX_WORD_MAX);
    lex_close(lex);
    buf_fini(&file);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(prefixes),
        TEST(costs),
        TEST(spellings),
        TEST(user_words),
        TEST(a_base),
        TEST(user_words_win),
        TEST(bad_user_words),
        TEST(edits),
        TEST(bad_lists),
        TEST(other_fold),
        TEST(damage),
        TEST(a_cost_out_of_range),
        TEST(a_trie_that_goes_in_a_circle),
    };
    return RUN_TESTS(tests);
}
