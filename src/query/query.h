/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef QUERY_H
#define QUERY_H

/* What the files of this room share. */

#include <gongbao/query.h>

/* White space of any script, line breaks too. */
bool q_is_space(uint32_t cp);

#endif
