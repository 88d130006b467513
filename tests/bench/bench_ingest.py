# SPDX-License-Identifier: GPL-2.0-or-later
"""Ingest at its limit: speed, cores, memory, size, and how soon a small batch is seen.

Over the statutes, and over five copies of them with ids of their own: megabytes of body per CPU
second from JSON Lines to a published index, beside others' writers on the same documents, all of
them by one thread; the time of one core over that of two; the most memory; bytes on disk over bytes of body; how CPU
time, time and memory grow with the number of documents; and for batches of ten documents into the
larger index what they cost and when a running daemon finds them. Each figure stands beside the goal
for it. Everything is made in a folder under build/ and removed.

The table and the plot are left in build/bench/; with KEEP=1 they replace those in tests/bench/.

    bench_ingest.py PROGRAMS_DIR DATA_DIR
"""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import bench_peers
import bench_plot
from bench_readme import leave, table
from bench_run import Corpus, lines_of, measure, size_of

COPIES = 5
SIZES = [5_000, 20_000, 140_000]  # beside both whole collections
SAMPLE = 7  # libxapian's writer gets one document of so many: all of them take minutes
ROUNDS = 3
BATCHES = 10
BATCH = 10
MEMORY_GOAL = (512 << 20) / 1e6 + 200  # ingest.memory and 200 MB


class Bench:
    def __init__(self, programs, work):
        self.programs, self.work = programs, work
        self.rows = []  # cells of the table of figures
        self.peer_rows = []
        self.grown = []  # (documents, body, run)

    def note(self, what, one, five, goal):
        self.rows.append((what, one, five, goal))
        print(f"{what}: {one or '-'}, five times {five or '-'}" + (f" (goal {goal})" if goal else ""),
              flush=True)

    def ingest(self, corpus, *options, cores=None, form="jsonl", index="index"):
        path = f"{self.work}/{index}"
        shutil.rmtree(path, ignore_errors=True)
        return measure([f"{self.programs}/gongbao-ingest", "--lexicon", f"{self.programs}/gongbao.lex",
                        "--index", path, *options, corpus.path(form)], cores)

    def grow(self, corpus, run):
        self.grown.append((corpus.documents, corpus.body, run))
        print(f"{corpus.documents} documents: {corpus.body / 1e6 / run.cpu:.2f} MB of body per CPU second"
              f" ({corpus.body / 1e6:.1f} MB, {run.cpu:.2f} CPU s, {run.wall:.2f} s,"
              f" peak {run.peak:.0f} MB)", flush=True)


# ---- cores ----

def idle_ticks():
    """{core: ticks without work since the start}, of the cores that may be used."""
    with open("/proc/stat", encoding="ascii") as stat:
        fields = [line.split() for line in stat if re.match(r"cpu\d", line)]
    return {int(f[0][3:]): int(f[4]) for f in fields if int(f[0][3:]) in os.sched_getaffinity(0)}


def quiet_cores(count):
    """Those where others work least, for others do."""
    before = idle_ticks()
    time.sleep(0.3)
    after = idle_ticks()
    return set(sorted(before, key=lambda core: before[core] - after[core])[:count])


def measure_cores(bench, corpus, rounds):
    """The time of one core over that of two, each the best of its rounds; NaN when there is one."""
    if len(idle_ticks()) < 2:
        return float("nan")
    walls = {1: [], 2: []}
    for _ in range(rounds):
        for count, seconds in walls.items():
            seconds.append(bench.ingest(corpus, "--jobs", str(count), cores=quiet_cores(count)).wall)
    one, two = min(walls[1]), min(walls[2])
    print(f"wall: {one:.2f} s with one core, {two:.2f} s with two", flush=True)
    return one / two


# ---- batches ----

class Daemon:
    def __init__(self, bench):
        self.process = subprocess.Popen(
            [f"{bench.programs}/gongbaod", "--index", f"{bench.work}/index", "--lexicon",
             f"{bench.programs}/gongbao.lex", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = int(re.search(r"line=127\.0\.0\.1:(\d+)", self.process.stdout.readline()).group(1))
        self.stream = socket.create_connection(("127.0.0.1", port))
        self.lines = self.stream.makefile("r", encoding="utf-8")

    def count(self, query):
        self.stream.sendall(f"COUNT {query}\n".encode())
        return int(re.match(r"200 count n=(\d+)", self.lines.readline()).group(1))

    def stop(self):
        self.stream.close()
        self.process.terminate()
        self.process.wait(20)


def write_batch(path, source, number):
    """The first documents again, with ids and a word of this batch."""
    with open(path, "wb") as out:
        for i, line in enumerate(lines_of(source, 1)):
            if i == BATCH:
                return f"batch{number}"
            line = line.replace(b'"id": "', b'"id": "batch%d-' % number, 1)
            out.write(line.replace(b'"title": "', b'"title": "batch%d ' % number, 1))


def publish(bench, daemon, path, word):
    """CPU seconds of the program, and seconds from its start until the daemon finds the batch."""
    started = time.monotonic()
    program = subprocess.Popen([f"{bench.programs}/gongbao-ingest", "--index", f"{bench.work}/index",
                                "--lexicon", f"{bench.programs}/gongbao.lex", path],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while daemon.count(word) < BATCH:
        if time.monotonic() - started > 20:
            raise SystemExit("a batch is not found after 20 s")
        time.sleep(0.001)
    seen = time.monotonic() - started
    _, status, usage = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, seen


def measure_batches(bench, source):
    daemon = Daemon(bench)
    try:
        cpu, seen = [], []
        for number in range(BATCHES):
            path = f"{bench.work}/batch.jsonl"
            word = write_batch(path, source, number)
            for values, value in zip((cpu, seen), publish(bench, daemon, path, word)):
                values.append(value * 1e3)
    finally:
        daemon.stop()
    for what, values, goal in (("CPU", cpu, "< 50 ms"), ("until a daemon finds it", seen, "< 100 ms")):
        bench.note(f"a batch of {BATCH}, {what}, median (worst)", "",
                   f"{statistics.median(values):.0f} ms ({max(values):.0f})", goal)


# ---- both collections ----

def measure_size(bench, corpus):
    index = f"{bench.work}/index"
    return [size / corpus.body for size in (size_of(index), size_of(index, "postlist.glass"),
                                            size_of(index, "docdata.glass"))]


def measure_xapian(bench, source):
    sample = Corpus(f"{bench.work}/sample", (line for i, line in enumerate(lines_of(source, 1))
                                             if i % SAMPLE == 0), {})
    bench.ingest(sample, index="sample-index")
    seconds = bench_peers.xapian(bench.work, f"{bench.work}/sample-index")
    print(f"WritableDatabase, {sample.documents} documents: {sample.body / 1e6 / seconds:.2f} MB of body"
          f" per CPU second ({seconds:.1f} CPU s)", flush=True)
    return sample.body / 1e6 / seconds


def measure_growth(bench, source):
    for documents in SIZES:
        lines = (line for _, line in zip(range(documents), lines_of(source, COPIES)))
        corpus = Corpus(f"{bench.work}/part", lines, {})
        bench.grow(corpus, bench.ingest(corpus))
        shutil.rmtree(corpus.folder)


def measure_collection(bench, corpus, rounds):
    """What the tables say of one collection, each peer that is there included."""
    cpu = statistics.median(bench.ingest(corpus, "--jobs", "1").cpu for _ in range(rounds))
    print(f"one thread: {corpus.body / 1e6 / cpu:.2f} MB of body per CPU second", flush=True)
    run = bench.ingest(corpus)
    bench.grow(corpus, run)
    sizes = measure_size(bench, corpus)
    cores = measure_cores(bench, corpus, rounds)
    return {"run": run, "speed": corpus.body / 1e6 / cpu, "sizes": sizes, "cores": cores,
            "peers": {name: (corpus.body / 1e6 / peer.cpu, disk / corpus.body)
                      for name, (peer, disk) in bench_peers.peers(bench.work, corpus).items()}}


def note_peers(bench, one, five):
    """A peer that was stopped before its end has no figures for that collection."""
    goals = dict(zip(bench_peers.PEERS, ("> 1", "≥ 1.5", "≥ 5")))
    bench.peer_rows = [("Gongbao", *(f"{cell:.2f}" for both in (one, five)
                                     for cell in (both["speed"], both["sizes"][0])))]
    for name in one["peers"]:
        cells, ratios = [], []
        for both in one, five:
            speed, disk = both["peers"].get(name, (None, None))
            cells += [f"{speed:.2f}", f"{disk:.2f}"] if speed else ["", ""]
            ratios.append(f"{both['speed'] / speed:.2f}" if speed else "")
        bench.peer_rows.append((name, *cells))
        bench.note(f"over {name}", *ratios, goals[name])


def note_all(bench, one, five, xapian):
    bench.note("MB of body per CPU second", f"{one['speed']:.1f}", f"{five['speed']:.1f}", "≥ 25")
    bench.note("over libxapian's WritableDatabase", f"{one['speed'] / xapian:.1f}",
               f"{five['speed'] / xapian:.1f}", "≥ 30")
    note_peers(bench, one, five)
    bench.note("time of one core over that of two", f"{one['cores']:.2f}", f"{five['cores']:.2f}",
               "≥ 1.8")
    bench.note("peak memory, MB", f"{one['run'].peak:.0f}", f"{five['run'].peak:.0f}",
               f"≤ {MEMORY_GOAL:.0f}")
    for i, (what, goal) in enumerate((("bytes on disk over bytes of body", "≤ 1.0"),
                                      ("of them postings", ""), ("of them text", ""))):
        bench.note(what, f"{one['sizes'][i]:.3f}", f"{five['sizes'][i]:.3f}", goal)


# ---- the table and the plot ----

def write_tables(bench):
    grown = [(f"{documents:,}", f"{body / 1e6:.1f}", f"{run.wall:.2f}", f"{run.cpu:.2f}",
              f"{body / 1e6 / run.cpu:.1f}", f"{run.peak:.0f}") for documents, body, run in bench.grown]
    return "\n".join([
        table(["", "statutes", "five times", "goal"], bench.rows),
        table(["MB of body per CPU second, disk over body", "statutes", "disk", "five times", "disk"],
              bench.peer_rows),
        table(["documents", "body, MB", "seconds", "CPU s", "MB per CPU s", "peak, MB"], grown)])


def plot(bench):
    def points(value):
        return [(documents, value(run)) for documents, _, run in bench.grown]
    return bench_plot.svg([
        ("Time", f"seconds, {len(idle_ticks())} cores", points(lambda run: run.wall), None, "straight line"),
        ("CPU time", "seconds", points(lambda run: run.cpu), None, "straight line"),
        ("Most memory", "MB", points(lambda run: run.peak), MEMORY_GOAL, "goal")])


def write_results(bench):
    bench.grown.sort(key=lambda row: row[0])
    leave("ingest", write_tables(bench), plot(bench))


def run_all(bench, source):
    corpus = Corpus(f"{bench.work}/one", lines_of(source, 1), bench_peers.FORMS)
    one = measure_collection(bench, corpus, ROUNDS)
    shutil.rmtree(corpus.folder)
    xapian = measure_xapian(bench, source)
    measure_growth(bench, source)
    corpus = Corpus(f"{bench.work}/five", lines_of(source, COPIES), bench_peers.FORMS)
    five = measure_collection(bench, corpus, 1)
    shutil.rmtree(corpus.folder)
    note_all(bench, one, five, xapian)
    measure_batches(bench, source)
    write_results(bench)


def main():
    programs, data = sys.argv[1:3]
    source = f"{data}/corpus/statutes.jsonl.gz"
    if not os.path.exists(source):
        print(f"bench_ingest: skipped, {source} is not there")
        return
    work = tempfile.mkdtemp(prefix="bench-", dir="build")
    started = time.monotonic()
    try:
        run_all(Bench(programs, work), source)
    finally:
        shutil.rmtree(work)
    print(f"bench_ingest: {(time.monotonic() - started) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
