/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Configuration: text to the fields of a struct, by a table.
 *
 * Each type has one function that reads a value or refuses it; a refusal is worded from the
 * table's row, so that it says what would have been accepted. The place, "FILE:LINE", is put in
 * front by whoever knows it.
 *
 * A key may stand once in a text unless it is a list, but a later text or a command line may set
 * it again. Values lose the white space around them; there are no quotes.
 */

#include <gongbao/cfg.h>
#include <gongbao/utf8.h>
#include <stdlib.h>

static size_t count_keys(const struct cfg_key *keys)
{
    size_t n = 0;
    while (keys[n].name)
        n++;
    return n;
}

static const struct cfg_key *find_key(const struct cfg_key *keys, struct str name)
{
    for (; keys->name; keys++)
        if (str_eq(name, str_of(keys->name)))
            return keys;
    return NULL;
}

static const char *nearest_key(const struct cfg_key *keys, struct str name)
{
    const char *best = NULL;
    unsigned least = 4; /* farther than three edits is another word */
    for (; keys->name; keys++) {
        unsigned d = str_distance(name, str_of(keys->name));
        if (d < least) {
            least = d;
            best = keys->name;
        }
    }
    return best;
}

struct unit {
    struct str suffix;
    uint64_t factor;
};

static const struct unit no_units[] = {{{NULL, 0}, 1}};
static const struct unit size_units[] = {
    {{"K", 1}, 1 << 10}, {{"M", 1}, 1 << 20}, {{"G", 1}, 1 << 30}, {{NULL, 0}, 1}};
static const struct unit time_units[] = {
    {{"ms", 2}, 1}, {{"s", 1}, 1000}, {{"m", 1}, 60000}, {{NULL, 0}, 1}};

/* A number with one of the units, the last of which is the empty one. */
static bool read_count(struct str value, const struct unit *unit, uint64_t *out)
{
    while (!str_ends(value, unit->suffix))
        unit++;
    uint64_t n;
    value.n -= unit->suffix.n;
    if (!str_u64(value, UINT64_MAX / unit->factor, &n))
        return false;
    *out = n * unit->factor;
    return true;
}

static bool is_decimal(struct str value)
{
    bool digit = false, point = false;
    for (size_t i = value.n && value.p[0] == '-' ? 1 : 0; i < value.n; i++)
        if (value.p[i] >= '0' && value.p[i] <= '9')
            digit = true;
        else if (value.p[i] == '.' && digit && !point)
            point = true;
        else
            return false;
    return digit && value.p[value.n - 1] != '.';
}

static bool read_real(struct str value, double *out)
{
    char text[64];
    if (value.n >= sizeof(text) || !is_decimal(value))
        return false;
    memcpy(text, value.p, value.n);
    text[value.n] = '\0';
    *out = strtod(text, NULL);
    return true;
}

static const char *expected(enum cfg_type type)
{
    static const char *const what[] = {
        [CFG_BOOL] = "yes or no",
        [CFG_COUNT] = "a number",
        [CFG_SIZE] = "a size in bytes, or with K, M or G,",
        [CFG_MS] = "a time in milliseconds, or with ms, s or m,",
        [CFG_REAL] = "a decimal number",
        [CFG_TEXT] = "text",
        [CFG_LIST] = "text",
    };
    return what[type];
}

static enum st refuse(const struct cfg_key *key, struct str value, struct err *err)
{
    bool numeric = key->type >= CFG_COUNT && key->type <= CFG_REAL;
    if (numeric)
        return err_set(err, ST_CONFIG, "%s: expected %s between %.15g and %.15g, not '" STR_FMT "'",
                       key->name, expected(key->type), key->min, key->max, STR_ARG(value));
    return err_set(err, ST_CONFIG, "%s: expected %s, not '" STR_FMT "'", key->name,
                   expected(key->type), STR_ARG(value));
}

static bool within(const struct cfg_key *key, double v)
{
    return v >= key->min && v <= key->max;
}

static enum st set_count(const struct cfg_key *key, const struct unit *units, struct str value,
                         uint64_t *field, struct err *err)
{
    uint64_t n;
    if (!read_count(value, units, &n) || !within(key, (double)n))
        return refuse(key, value, err);
    *field = n;
    return ST_OK;
}

static enum st set_real(const struct cfg_key *key, struct str value, double *field, struct err *err)
{
    double v;
    if (!read_real(value, &v) || !within(key, v))
        return refuse(key, value, err);
    *field = v;
    return ST_OK;
}

static enum st set_bool(const struct cfg_key *key, struct str value, bool *field, struct err *err)
{
    bool yes = str_eq(value, STR("yes"));
    if (!yes && !str_eq(value, STR("no")))
        return refuse(key, value, err);
    *field = yes;
    return ST_OK;
}

static enum st set_text(struct str value, struct str *field, struct arena *a, struct err *err)
{
    struct str copy = arena_str(a, value);
    if (!copy.p)
        return err_nomem(err);
    *field = copy;
    return ST_OK;
}

static enum st set_list(const struct cfg_key *key, struct str value, struct cfg_list *field,
                        struct arena *a, struct err *err)
{
    if (value.n == 0)
        return refuse(key, value, err);
    struct str *item = arena_calloc(a, field->n + 1, sizeof(*item));
    if (!item)
        return err_nomem(err);
    if (field->n)
        memcpy(item, field->item, field->n * sizeof(*item));
    enum st st = set_text(value, &item[field->n], a, err);
    if (st == ST_OK)
        *field = (struct cfg_list){.item = item, .n = field->n + 1};
    return st;
}

static bool is_clean(struct str value)
{
    uint32_t cp;
    unsigned len;
    for (const char *p = value.p, *end = p + value.n; p < end; p += len) {
        len = utf8_next(p, end, &cp);
        if (len == 0 || (utf8_is_control(cp) && cp != '\t'))
            return false;
    }
    return true;
}

static enum st set_field(const struct cfg_key *key, struct str value, void *out, struct arena *a,
                         struct err *err)
{
    void *field = (char *)out + key->field;
    if (!is_clean(value))
        return err_set(err, ST_CONFIG, "%s: expected UTF-8 without control characters", key->name);
    switch (key->type) {
    case CFG_BOOL:
        return set_bool(key, value, field, err);
    case CFG_COUNT:
        return set_count(key, no_units, value, field, err);
    case CFG_SIZE:
        return set_count(key, size_units, value, field, err);
    case CFG_MS:
        return set_count(key, time_units, value, field, err);
    case CFG_REAL:
        return set_real(key, value, field, err);
    case CFG_TEXT:
        return set_text(value, field, a, err);
    case CFG_LIST:
        return set_list(key, value, field, a, err);
    }
    return err_set(err, ST_INTERNAL, "%s: a key of no known type", key->name);
}

static void clear_field(const struct cfg_key *key, void *out)
{
    char *field = (char *)out + key->field;
    if (key->type == CFG_TEXT)
        memset(field, 0, sizeof(struct str));
    else if (key->type == CFG_LIST)
        memset(field, 0, sizeof(struct cfg_list));
}

enum st cfg_defaults(const struct cfg_key *keys, void *out, struct arena *a, struct err *err)
{
    for (; keys->name; keys++) {
        clear_field(keys, out);
        if (!keys->initial && (keys->type == CFG_TEXT || keys->type == CFG_LIST))
            continue;
        struct str initial = keys->initial ? str_of(keys->initial) : STR("");
        enum st st = set_field(keys, initial, out, a, err);
        if (st != ST_OK) {
            err_prefix(err, "default");
            return st;
        }
    }
    return ST_OK;
}

/* The row of a key, or NULL with the reason in *err. */
static const struct cfg_key *look_up(const struct cfg_key *keys, struct str name, struct err *err)
{
    const struct cfg_key *key = find_key(keys, name);
    if (key)
        return key;
    const char *near = nearest_key(keys, name);
    if (near)
        err_set(err, ST_CONFIG, "unknown key '" STR_FMT "'; expected '%s'?", STR_ARG(name), near);
    else
        err_set(err, ST_CONFIG, "unknown key '" STR_FMT "'", STR_ARG(name));
    return NULL;
}

/* The line without its comment. */
static struct str strip_comment(struct str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] == '#' && (i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
            return str_from(line.p, i);
    return line;
}

/* One line of a file. seen has a flag for each row of the table. */
static enum st read_line(const struct cfg_key *keys, struct str line, bool *seen, void *out,
                         struct arena *a, struct err *err)
{
    line = str_trim(strip_comment(line));
    if (line.n == 0)
        return ST_OK;
    if (!memchr(line.p, '=', line.n))
        return err_set(err, ST_CONFIG, "expected 'key = value'");
    struct str name = str_trim(str_cut(&line, '='));
    const struct cfg_key *key = look_up(keys, name, err);
    if (!key)
        return ST_CONFIG;
    if (seen[key - keys] && key->type != CFG_LIST)
        return err_set(err, ST_CONFIG, "%s: given twice", key->name);
    seen[key - keys] = true;
    return set_field(key, str_trim(line), out, a, err);
}

enum st cfg_read(const struct cfg_key *keys, struct str text, const char *path, void *out,
                 struct arena *a, struct err *err)
{
    bool *seen = arena_calloc(a, count_keys(keys), sizeof(*seen));
    if (!seen)
        return err_nomem(err);
    if (str_starts(text, STR("\xef\xbb\xbf"))) /* the mark some editors put in front */
        text = str_from(text.p + 3, text.n - 3);
    for (size_t number = 1; text.p; number++) {
        enum st st = read_line(keys, str_cut(&text, '\n'), seen, out, a, err);
        if (st != ST_OK) {
            err_prefix(err, "%s:%zu", path, number);
            return st;
        }
    }
    return ST_OK;
}

enum st cfg_set(const struct cfg_key *keys, struct str key, struct str value, const char *where,
                void *out, struct arena *a, struct err *err)
{
    const struct cfg_key *row = look_up(keys, key, err);
    enum st st = row ? set_field(row, str_trim(value), out, a, err) : ST_CONFIG;
    if (st != ST_OK)
        err_prefix(err, "%s", where);
    return st;
}
