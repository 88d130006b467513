# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benches of ingest share: a program's run with what it took, and documents in bulk."""

import collections
import contextlib
import gzip
import json
import os
import signal
import subprocess
import threading
import time

# CPU seconds of the program and its children, seconds of the wall, most memory in MB, standard output.
Run = collections.namedtuple("Run", "cpu wall peak out")


LIMIT = 240  # seconds that a program may take


def measure(command, cores=None):
    """Run a command, on these cores if given; TimeoutError when it takes too long. This process must
    be small: what it has in memory counts as the command's when that has less."""
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          preexec_fn=cores and (lambda: os.sched_setaffinity(0, cores))) as program:
        watch = threading.Timer(LIMIT, program.kill)
        watch.start()
        out, err = program.stdout.read(), program.stderr.read()
        _, status, usage = os.wait4(program.pid, 0)
        watch.cancel()
        program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode == -signal.SIGKILL:
        raise TimeoutError(f"{command[0]}: stopped after {time.monotonic() - started:.0f} s")
    if program.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {program.returncode}\n{out}{err}")
    return Run(usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss * 1024 / 1e6,
               out)


def size_of(path, *names):
    """Bytes of the files under a folder, or of those with one of the names."""
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, files in os.walk(path)
               for name in files if not names or name in names)


def blocks_of(path):
    return sum(os.stat(os.path.join(folder, name)).st_blocks * 512 for folder, _, files in os.walk(path)
               for name in files)


def lines_of(source, copies):
    """The lines of a file of JSON, all of them several times over; the ids of a copy are its own."""
    for copy in range(copies):
        with gzip.open(source, "rb") as lines:
            for line in lines:
                yield line.replace(b'"id": "', b'"id": "%d-' % copy, 1) if copy else line


class Corpus:
    """Documents in the form that each program reads, and how much they are. `forms` maps a name of a
    form to the function that writes a document to an open file."""

    def __init__(self, folder, lines, forms):
        self.folder, self.documents, self.body = folder, 0, 0
        os.makedirs(folder)
        with contextlib.ExitStack() as stack:
            plain = stack.enter_context(open(self.path("jsonl"), "wb"))
            files = {form: stack.enter_context(open(self.path(form), "wb")) for form in forms}
            for line in lines:
                plain.write(line)
                doc = json.loads(line)
                self.documents += 1
                self.body += len(doc["body"].encode())
                for form, write in forms.items():
                    write(files[form], doc, self.documents)

    def path(self, form):
        return f"{self.folder}/docs.{form}"
