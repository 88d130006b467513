# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job in figures: ingest speed, size on disk, and the time of queries.

Over the statutes: megabytes of body per CPU second of gongbao-ingest, bytes on disk against bytes
of body, and p50 and p99 of 1,000 queries made from titles, measured at the client's end of a
socket, with and without snippets, beside the milliseconds that the daemon itself reports.

    bench_corpus.py PROGRAMS_DIR DATA_DIR
"""

import gzip
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from bench_readme import leave, table
from bench_run import measure, size_of


def ingest(programs, index, source):
    run = measure([f"{programs}/gongbao-ingest", "--index", index,
                   "--lexicon", f"{programs}/gongbao.lex", source])
    print(run.out.strip())
    body = int(re.search(r"body_bytes=(\d+)", run.out).group(1))
    disk, postings, text = (size_of(index, *name) / body for name in ((), ("postlist.glass",), ("docdata.glass",)))
    return [("ingest", f"{body / 1e6 / run.cpu:.1f} MB of body per CPU second"
             f" ({run.cpu:.1f} CPU s, {run.wall:.1f} s, peak {run.peak:.0f} MB)"),
            ("disk over body", f"{disk:.2f} (postings {postings:.2f}, text {text:.2f})")]


def title_queries(source, count):
    titles = set()
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in lines:
            titles.add(re.sub(r"（\d+）$", "", json.loads(line)["title"]))
    return random.Random(1).sample(sorted(titles), count)


def percentiles(values):
    values = sorted(values)
    return f"p50 {values[len(values) // 2]:.2f} ms, p99 {values[int(len(values) * .99)]:.2f} ms"


def ask(stream, lines, queries, options):
    """Milliseconds at the client and as reported, one query after the other."""
    at_client, reported = [], []
    for query in queries:
        started = time.perf_counter()
        stream.sendall(f"SEARCH fmt=json {options} -- {query}\n".encode())
        reply = json.loads(lines.readline())
        at_client.append((time.perf_counter() - started) * 1e3)
        if reply["code"] != 210:
            raise SystemExit(f"{query}: {reply}")
        reported.append(reply["ms"])
    return at_client, reported


def queries(programs, work, source):
    with open(f"{work}/conf", "w", encoding="utf-8") as conf:
        print("cache.bytes = 0", file=conf)  # each is asked twice, the first time to get warm
    daemon = subprocess.Popen([f"{programs}/gongbaod", "--conf", f"{work}/conf", "--index", f"{work}/index",
                               "--lexicon", f"{programs}/gongbao.lex", "--listen", "127.0.0.1:0",
                               "--workers", "1"], stdout=subprocess.PIPE, text=True)
    rows = []
    try:
        port = int(re.search(r"line=127\.0\.0\.1:(\d+)", daemon.stdout.readline()).group(1))
        stream = socket.create_connection(("127.0.0.1", port))
        lines = stream.makefile("rb")
        texts = title_queries(source, 1000)
        for what, options in (("without snippets", "limit=10 snippet=0"), ("with snippets", "limit=10")):
            ask(stream, lines, texts, options)
            at_client, reported = ask(stream, lines, texts, options)
            rows += [(f"titles, ten hits {what}, {where}", percentiles(times))
                     for where, times in (("at the client", at_client), ("as reported", reported))]
    finally:
        daemon.terminate()
        daemon.wait(20)
    return rows


def main():
    programs, data = sys.argv[1:3]
    source = f"{data}/corpus/statutes.jsonl.gz"
    if not os.path.exists(source):
        print(f"bench_corpus: skipped, {source} is not there")
        return
    work = tempfile.mkdtemp(prefix="bench-", dir="build")
    try:
        rows = ingest(programs, f"{work}/index", source) + queries(programs, work, source)
        for what, figure in rows:
            print(f"{what}: {figure}")
        leave("corpus", table(["", "statutes"], rows))
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
