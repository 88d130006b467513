/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Being told of new generations, by inotify(7).
 *
 * A generation is published by renaming its manifest into the index folder, which is what is
 * watched for. Segments and tombstones come into the folder in the same way, so some of what is
 * told is no news: whoever is told looks at the manifest anyway (ix_reader_stale).
 *
 * The folder is watched and not the manifest, for the manifest is another file each time. Watching
 * a folder that is watched already changes nothing, so it is asked for again and again: that is how
 * an index that was removed and came back, or whose name became a link to another one, is watched
 * again.
 */

#include "c.h"
#include <sys/inotify.h>
#include <unistd.h>

int ix_watch_open(void)
{
    return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

void ix_watch_add(int fd, const char *dir)
{
    inotify_add_watch(fd, dir, IN_MOVED_TO | IN_ONLYDIR);
}

void ix_watch_clear(int fd)
{
    char events[4096];
    while (read(fd, events, sizeof(events)) > 0)
        continue;
}
