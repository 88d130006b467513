/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A damaged lexicon: refused, or used without harm.
 *
 * The first byte chooses. Either the rest of the input is the file; or a real file is damaged, in
 * as many places as it says, each given by two bytes of place, counted from the front or among what
 * is behind the code map, and one byte that is flipped into it; what is left is a text. Opening
 * looks at no checksum, so most damage gets through it, and the text is analysed with what is
 * there: any piece of it must still be found, for recall does not depend on the lexicon.
 */

#include "proof.h"
#include <fcntl.h>
#include <gongbao/file.h>
#include <gongbao/lexicon.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char words[] =
    "的 3000\n经济 1200\n发展 1200\n高质量 600\n强调 500\n乾隆 50\n著作 80\n"
    "家具 60\na 9\nb超 20\n5+5 9\n";
static const char some_text[] = "強調(diào)高質量發展，乾隆著作的傢俱5+5經濟B超";

/* A compiled file, as bytes. */
static struct buf compiled(void)
{
    char path[] = "/tmp/fuzz-XXXXXX";
    struct lex_builder *b;
    struct buf file;
    int fd = mkstemp(path);
    PROVE(NULL, fd >= 0);
    close(fd);
    buf_init(&file, 1 << 24);
    PROVE(NULL, lex_builder_new(an_lexicon_char, an_fold_version(), &b, NULL) == ST_OK);
    PROVE(NULL, lex_builder_words(b, str_of(words), "words", NULL) == ST_OK);
    PROVE(NULL, lex_builder_aliases(b, STR("傢俱\t家具\n"), "aliases", NULL) == ST_OK);
    PROVE(NULL, lex_builder_finish(b, path, NULL) == ST_OK);
    PROVE(NULL, file_read(path, &file, NULL) == ST_OK);
    lex_builder_free(b);
    unlink(path);
    return file;
}

/* Put bytes into a file that has no name; its path. */
static void put_file(int fd, struct str bytes)
{
    PROVE(NULL, ftruncate(fd, 0) == 0);
    PROVE(NULL, pwrite(fd, bytes.p, bytes.n, 0) == (ssize_t)bytes.n);
}

/* Open and use the file with these bytes. */
static void prove_harmless(struct str bytes, struct str text)
{
    char path[64];
    struct err err = ERR_INIT;
    struct lex *lex;
    struct an *an;
    int fd = memfd_create("lexicon", MFD_CLOEXEC);
    PROVE(NULL, fd >= 0);
    put_file(fd, bytes);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    enum st st = lex_open(path, &lex, &err);
    if (st != ST_OK)
        PROVE(NULL, st == ST_DAMAGED && err.text[0]);
    else {
        lex_verify(lex, &err);
        if (an_new(lex, &an, &err) == ST_OK) {
            struct proof p;
            proof_init(&p);
            proof_text(&p, an, lex, text);
            if (!proof_has_break(text))
                proof_piece(&p, an, text);
            proof_fini(&p);
            an_free(an);
        }
        lex_close(lex);
    }
    close(fd);
}

/* A place in the file: near its front or near its end, where the words are. */
static size_t place(struct str file, const uint8_t *data)
{
    size_t at = ((size_t)data[0] & 0x7f) << 8 | data[1];
    return data[0] & 0x80 ? file.n - 1 - at % file.n : at % file.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf file;
    if (file.n == 0)
        file = compiled();
    if (size == 0)
        return 0;
    size_t damages = data[0] & 0x3f;
    if (data[0] & 0x80) {
        prove_harmless(str_from((const char *)data + 1, size - 1), str_of(some_text));
        return 0;
    }
    if (size < 1 + 3 * damages)
        return 0;
    for (size_t i = 0; i < damages; i++)
        file.p[place(buf_str(&file), data + 1 + 3 * i)] ^= (char)data[3 + 3 * i];
    struct str text = str_from((const char *)data + 1 + 3 * damages, size - 1 - 3 * damages);
    struct str kept = buf_str(&file);
    if (data[0] & 0x40 && text.n > 0)
        kept.n -= (size_t)(unsigned char)text.p[0] * 16 % kept.n;
    prove_harmless(kept, text.n ? text : str_of(some_text));
    for (size_t i = 0; i < damages; i++)
        file.p[place(buf_str(&file), data + 1 + 3 * i)] ^= (char)data[3 + 3 * i];
    return 0;
}
