/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CREW_H
#define GONGBAO_CREW_H

/* A crew: several hands work on jobs, and whoever gave the jobs gets them back in the order in
 * which they were given, whatever order they were done in.
 *
 * One thread owns the crew: it gives and takes. With several hands each is a thread of its own, and
 * the owner has time to get jobs ready; with one hand there is no thread, and every job is done
 * when it is taken, by the owner. The owner sees the same whatever the number of hands.
 *
 *     crew_new(work, tools, 4, 6, &crew, &err);
 *     while ((job = read_one())) {
 *         while (crew_full(crew))
 *             use(crew_take(crew, &done, &err), done);
 *         crew_give(crew, job);
 *     }
 *     while (st = crew_take(crew, &done, &err), done)
 *         use(st, done);
 *     crew_free(crew);
 */

#include <gongbao/err.h>

struct crew;

/* How many cores this process may use, 1 to CREW_CORES_MAX. */
#define CREW_CORES_MAX 64
size_t crew_cores(void);

/* What is done with a job, by one hand. tool is the one of that hand, and no other hand uses it
 * meanwhile. What is returned, with *err, goes to whoever takes the job. */
typedef enum st crew_work(void *tool, void *job, struct err *err);

/* tool[i] is the tool of hand i, of hands (at least 1) in all; the tools are borrowed and outlive
 * the crew. At most depth (at least 1) jobs are in the crew at a time. Where the system grants
 * fewer threads than were asked for, those do the work, or else the owner. Signals are left to the
 * owner's thread. */
enum st crew_new(crew_work *work, void *const *tool, size_t hands, size_t depth, struct crew **out,
                 struct err *err);

/* Wait for what is being worked on and end the threads. Jobs that were not taken stay what they
 * are: who gave them must know them. c may be NULL. */
void crew_free(struct crew *c);

bool crew_full(const struct crew *c);

/* Give a job to a crew that is not full. */
void crew_give(struct crew *c, void *job);

/* Take the job that was given first, once it is done, with what came of it; NULL in *job when there
 * is none in the crew. */
enum st crew_take(struct crew *c, void **job, struct err *err);

/* From here on no job is begun; those not begun are taken as ST_STOPPING. */
void crew_cancel(struct crew *c);

#endif
