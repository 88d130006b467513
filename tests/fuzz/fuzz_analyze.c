/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any bytes through the analyzer, and any piece of them through a query.
 *
 * The input is a text behind four bytes that choose: the lexicon of the text and of the query,
 * where the piece begins, and how long it is (two bytes). What is proved stands in proof.h.
 */

#include "proof.h"
#include "some_lexicons.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The start of the character at or before `at`. */
static size_t boundary(const struct proof *p, size_t at)
{
    while (!p->begins[at])
        at--;
    return at;
}

/* A copy of its own, so that a read past either end is seen. */
static void prove_copy(struct proof *p, struct an *an, struct str piece)
{
    char *copy = malloc(piece.n);
    PROVE(NULL, copy);
    memcpy(copy, piece.p, piece.n);
    proof_piece(p, an, str_from(copy, piece.n));
    free(copy);
}

/* The piece, up to its first line break. */
static void prove_piece(struct proof *p, struct an *an, size_t from, size_t n)
{
    struct str text = p->text;
    size_t at = boundary(p, from % text.n), end = at;
    uint32_t cp;
    while (end < text.n && end - at < n) {
        size_t len = proof_char(text, end, &cp);
        if (an_fold_char(cp) == '\n')
            break;
        end += len;
    }
    if (end > at)
        prove_copy(p, an, str_from(text.p + at, end - at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct some_lexicons s;
    if (size < 5)
        return 0;
    some_lexicons_open(&s);
    struct str text = str_from((const char *)data + 4, size - 4);
    size_t of_text = data[0] % SOME_LEXICONS, of_query = data[0] / SOME_LEXICONS % SOME_LEXICONS;
    struct proof p;
    proof_init(&p);
    proof_text(&p, s.an[of_text], s.lex[of_text], text);
    prove_piece(&p, s.an[of_query], (size_t)data[1] * 256 + data[2], 1 + (size_t)data[3]);
    proof_fini(&p);
    return 0;
}
