# SPDX-License-Identifier: GPL-2.0-or-later
"""Indexes that change under the daemon: new generations, old ones that come back, none, several."""

import json
import os
import shutil
import time

import wire
from wire import Daemon, expect, wait_for

wire.need("gongbaod", "gongbao-ingest", "gongbao", "gongbao.lex", "base.lex")
INDEX = wire.make_index()
NEWS = wire.write_bulletins("news.jsonl", {"id": "new-1", "body": "罍街改造启动"})
SECOND = 3  # seconds; one, where other programs want the same cores


def a_new_generation_is_seen():
    """a new generation is served within a second, by every worker, without a failed query"""
    d = Daemon("--index", INDEX, "--workers", "2", lines=["cache.bytes = 0"])
    expect(d.ask("COUNT 罍街").startswith("200 count n=0 "), "already there")
    wire.ingest(INDEX, NEWS)
    start, replies = time.monotonic(), []
    while time.monotonic() < start + 2 * SECOND:
        replies.append((time.monotonic() - start, d.ask("COUNT 罍街\nCOUNT 罍街")))
        time.sleep(0.01)
    expect(all(r.count("200 count n=") == 2 for _, r in replies), "a query failed")
    expect(all(r.count("n=1 ") == 2 for t, r in replies if t > SECOND), "not seen within a second")
    d.stop()


def a_small_batch_costs_little():
    """a small batch beside a large index: of the old files nothing is read again"""
    index = wire.make_index("many", wire.random_bulletins())
    d = Daemon("--index", index, "--workers", "1")

    def bytes_read():
        with open(f"/proc/{d.workers()[0]}/io") as f:
            return int(f.readline().split()[1])

    d.ask("SPELL 改造")  # makes the table of words, which a worker does once in a while
    size = sum(os.path.getsize(os.path.join(folder, name))
               for folder, _, names in os.walk(index) for name in names)
    before = bytes_read()
    wire.ingest(index, NEWS)
    wait_for(lambda: d.ask("COUNT 罍街").startswith("200 count n=1 "), "the batch")
    read = bytes_read() - before
    expect(size > 1 << 20 and read < size // 4, f"{read} bytes read of {size}")
    d.stop()


def what_comes_back():
    """a generation that is taken back and an index that is restored are seen like any other"""
    index, backup = wire.make_index("back"), f"{wire.TMP}/backup"
    for folder in (backup, f"{index}.old"):
        shutil.rmtree(folder, ignore_errors=True)

    def run(*args):
        done = wire.program(*args)
        expect(done.returncode == 0, done.stderr)

    def answers(start):
        wait_for(lambda: d.ask("COUNT 值守").startswith(start), start)

    d = Daemon("--index", index, "--workers", "2")
    run("gongbao", "backup", index, backup)
    wire.ingest(index, wire.write_bulletins("worse.jsonl", {"id": "worse", "body": "值守。"}))
    answers("200 count n=2 ")
    run("gongbao-ingest", "--index", index, "--rollback")
    answers("200 count n=1 ")
    expect(" generation=3" in d.ask("COUNT 值守"), "not generation 3")
    run("gongbao", "restore", "--force", backup, index)
    wait_for(lambda: " generation=1" in d.ask("COUNT 值守"), "the restored index")
    expect(d.ask("COUNT 值守").startswith("200 count n=1 "), "another index")
    d.stop()


def without_an_index():
    """no index: 503, and service as soon as there is one"""
    index = f"{wire.TMP}/later"
    shutil.rmtree(index, ignore_errors=True)
    d = Daemon("--index", index, "--workers", "1")
    expect("generation=0 documents=0" in d.ready, d.ready)
    expect(d.ask("COUNT 值守").startswith("503 no-index "), "no 503")
    expect("\tmissing\t" in d.ask("STATS"), "STATS does not say it")
    wire.ingest(index, "tests/wire/bulletins.jsonl")
    wait_for(lambda: d.ask("COUNT 值守").startswith("200 count n=1 "), "service")
    d.stop()


def several_indexes():
    """several indexes by name: all of them, or those that in= names"""
    other = wire.make_index("other", "tests/data/bulletins/bulletins.jsonl")
    d = Daemon("--index", f"wire={INDEX}", "--index", f"sample={other}", "--workers", "1")
    count = [int(d.ask(f"COUNT {name} 强调").split("n=")[1].split()[0])
             for name in ("", "in=wire", "in=sample", "in=wire,sample")]
    expect(count[0] == count[3] == count[1] + count[2] and count[1] and count[2], str(count))
    hits = json.loads(d.ask("SEARCH fmt=json limit=100 强调"))["hits"]
    for name, n in (("wire", count[1]), ("sample", count[2])):
        ids = [hit["id"] for hit in hits if hit["index"] == name]
        expect(len(ids) == n, f"{name}: {ids}")
        found = json.loads(d.ask(f"GET in=sample,wire fmt=json {ids[0]}"))
        expect(found["index"] == name, str(found))
    d.stop()


wire.run([a_new_generation_is_seen, a_small_batch_costs_little, what_comes_back, without_an_index,
          several_indexes])
