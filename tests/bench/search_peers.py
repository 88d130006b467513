# SPDX-License-Identifier: GPL-2.0-or-later
"""Others' searches: how each is built, and a program that answers queries line by line.

    Groonga       TokenBigram over title and body (peers/groonga_search.c, libgroonga-dev)
    Lucene 8      CJKAnalyzer (peers/LuceneSearch.java, liblucene8-java and a JDK)
    SQLite FTS5   trigrams (peers/sqlite_search.c, libsqlite3-dev)
    Xapian        its own n-grams of Chinese (peers/xapian_search.cc)

A program reads a kind, a tab and a query a line, and prints microseconds and matches for each; the
time is its own, from the query as text to ids and titles of ten hits. Who is not installed is
passed over with a word about it.
"""

import glob
import os
import shutil
import subprocess

from bench_peers import GROONGA_AFTER, GROONGA_BEFORE, build
from bench_run import measure

C = ["gcc", "-std=c11"]
PEERS_DIR = "tests/bench/peers"


def flags_of(module):
    found = subprocess.run(["pkg-config", "--cflags", "--libs", module], capture_output=True, text=True)
    return found.stdout.split() if found.returncode == 0 else None


class Peer:
    """A program with `build FEED PLACE` and `ask PLACE`; `why` tells what it lacks, or is None."""
    form, kinds, counts = "nul", ("word", "phrase", "words", "long"), True

    def __init__(self, work):
        self.program = [f"{work}/{type(self).__name__.lower()}"]
        self.why = self.compile()

    def make(self, feed, folder):
        measure([*self.program, "build", feed, f"{folder}/db"])

    def ask(self, folder):
        return [*self.program, "ask", f"{folder}/db"]


class Groonga(Peer):
    name, form = "Groonga, bigrams", "load"

    def compile(self):
        flags = flags_of("groonga")
        if flags is None or not shutil.which("groonga"):
            return "libgroonga-dev and groonga-bin are not installed"
        build(self.program[0], C, f"{PEERS_DIR}/groonga_search.c", *flags)

    def make(self, feed, folder):
        with open(f"{folder}/script", "wb") as out, open(feed, "rb") as rows:
            out.write(GROONGA_BEFORE.encode())
            shutil.copyfileobj(rows, out)
            out.write(GROONGA_AFTER.encode())
        measure(["groonga", "--file", f"{folder}/script", "-n", f"{folder}/db"])
        os.remove(f"{folder}/script")

    def ask(self, folder):
        return [*self.program, f"{folder}/db"]


class Lucene(Peer):
    name = "Lucene 8, CJKAnalyzer"

    def compile(self):
        jars = [jar for part in ("core", "analyzers-common")
                for jar in glob.glob(f"/usr/share/java/lucene-{part}-8.*.jar")]
        if len(jars) < 2 or not shutil.which("javac"):
            return "liblucene8-java and a JDK are not installed"
        classes = self.program[0]
        subprocess.run(["javac", "-cp", ":".join(jars), "-d", classes, f"{PEERS_DIR}/LuceneSearch.java"],
                       check=True)
        self.program = ["java", "-Xmx2g", "-cp", ":".join([classes, *jars]), "LuceneSearch"]


class SQLite(Peer):
    name, kinds = "SQLite FTS5, trigrams", ("phrase", "long")  # two characters are in no trigram

    def compile(self):
        if not os.path.exists("/usr/include/sqlite3.h"):
            return "libsqlite3-dev is not installed"
        build(self.program[0], C, f"{PEERS_DIR}/sqlite_search.c", "-lsqlite3")


class Xapian(Peer):
    name, counts = "Xapian, its n-grams", False  # which do not prove a phrase

    def compile(self):
        build(self.program[0], ["g++", "-std=c++17"], f"{PEERS_DIR}/xapian_search.cc",
              *flags_of("xapian-core"))


PEERS = [Groonga, Lucene, SQLite, Xapian]


class Program:
    """One that is running and answers."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, bufsize=1)

    def ask(self, kind, query):
        """Milliseconds and matches."""
        self.process.stdin.write(f"{kind}\t{query}\n")
        self.process.stdin.flush()
        time, matches = self.process.stdout.readline().split()
        return float(time) / 1e3, int(matches)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)


def cpu_of(pid):
    """Seconds that a process and its children have run, by the scheduler's own count."""
    seconds = 0
    for task in glob.glob(f"/proc/{pid}/task/*"):
        with open(f"{task}/schedstat", encoding="ascii") as stat:
            seconds += int(stat.read().split()[0]) / 1e9
        with open(f"{task}/children", encoding="ascii") as children:
            seconds += sum(cpu_of(child) for child in children.read().split())
    return seconds
