/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_VALUE_H
#define NET_VALUE_H

#include "command.h"

/* The start of a word that somebody typed, short enough for a message. */
struct str value_brief(struct str s);

/* The readers of an option's value, one for each shape that it may have. ST_BAD_VALUE with a
 * message that names the option, its value, and what it may be. */
enum st value_number(const struct proto_option *o, uint64_t min, uint64_t max, uint64_t *out,
                     struct err *err);
enum st value_name(const struct proto_option *o, struct str *out, struct err *err);
enum st value_flag(const struct proto_option *o, bool *out, struct err *err);

/* Refuse a value that does not look like this example. */
enum st value_unlike(const struct proto_option *o, const char *example, struct err *err);

/* YYYY-MM-DD, YYYY-MM or YYYY, of a day that there is. */
enum st value_date(const struct proto_option *o, struct str *out, struct err *err);

/* Refuse a value for which there are these choices. */
enum st value_bad(const struct proto_option *o, const char *choices, struct err *err);

/* One of n words, in any case; *out is its number. choices is how a message shows them. */
enum st value_choice(const struct proto_option *o, const char *const *word, size_t n,
                     const char *choices, size_t *out, struct err *err);

/* The same for a list of such words with commas, none of them twice. */
enum st value_choices(const struct proto_option *o, const char *const *word, size_t n,
                      const char *choices, struct err *err);

#endif
