/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_FRESH_H
#define INDEX_FRESH_H

/* ix_freshness is in the contract; this is what it never passes. */

#include "c.h"

#define FRESHNESS_MAX 2.0

#endif
