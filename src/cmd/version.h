/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_VERSION_H
#define GONGBAO_VERSION_H

/* The version that the programs and the greeting tell. */
#define GONGBAO_VERSION "0.1.0"

#endif
