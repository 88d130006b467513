/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any bytes through the counting of damage, which must agree with what the analyzer does: as many
 * readings were removed as are counted, as many bytes are invalid. */

#include "proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum st count_readings(void *ctx, const struct an_token *tok, size_t n)
{
    uint32_t *readings = ctx;
    for (size_t i = 0; i < n; i++)
        *readings += tok[i].kind == AN_READING;
    return ST_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct an *an;
    struct proof p = {.text = str_from((const char *)data, size)};
    struct an_quality q;
    uint32_t readings = 0, invalid = 0, characters = 0, cp;
    if (!an)
        PROVE(NULL, an_new(NULL, &an, NULL) == ST_OK);
    for (size_t at = 0; at < size; characters++) {
        at += proof_char(p.text, at, &cp);
        invalid += cp == 0xfffd;
    }
    PROVE(&p, an_analyze(an, p.text, count_readings, &readings) == ST_OK);
    an_count_damage(p.text, &q);
    PROVE(&p, q.readings == readings);
    PROVE(&p, q.invalid == invalid);
    PROVE(&p, 2 * q.damaged_readings <= characters);
    return 0;
}
