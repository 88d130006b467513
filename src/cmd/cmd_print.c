/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Text of bulletins as a part of a line: whatever it holds, the line stays one line, and a terminal
 * is given nothing to obey.
 */

#include "cmd.h"

#include <gongbao/utf8.h>
#include <stdio.h>

void cmd_print(struct str text)
{
    for (const char *p = text.p, *end = text.p + text.n; p < end;) {
        uint32_t cp = 0;
        unsigned len = utf8_next(p, end, &cp);
        if (len > 0 && !utf8_is_control(cp))
            fwrite(p, 1, len, stdout);
        else
            putchar(len > 0 ? ' ' : '?');
        p += len > 0 ? len : 1;
    }
}
