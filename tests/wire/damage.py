# SPDX-License-Identifier: GPL-2.0-or-later
"""Indexes that cannot be read, whole or in part, and their repair."""

import os
import shutil
import time

import wire
from wire import Daemon, expect, wait_for

wire.need("gongbaod", "gongbao-ingest", "gongbao", "gongbao.lex", "base.lex")
INDEX = wire.make_index()
LOOKED = 1.5  # seconds after which every worker has looked again: each does four times a second


def a_damaged_index():
    """an index that fails its checks: 500 to what needs it, and the daemon goes on"""
    index = wire.make_index("damaged")
    with open(f"{index}/MANIFEST", "w") as f:
        print("nonsense", file=f)
    d = Daemon("--index", index, "--workers", "1")
    said = d.ask("@d COUNT 值守\nPING").splitlines()
    expect(said[0].startswith(f"500 @d damaged message=index damaged: {index}/MANIFEST: "), said[0])
    expect(said[1] == "200 pong", said[1])
    d.stop()


def segments_of(index):
    """the names in the manifest, in its order"""
    with open(f"{index}/MANIFEST", encoding="utf-8") as f:
        return [line.split()[1] for line in f if line.startswith("segment ")]


def a_damaged_segment():
    """damage to a segment that is open: 500 with its name; with search.partial=yes the others answer"""
    index = wire.make_index("torn")
    wire.ingest(index, wire.write_bulletins("more.jsonl", {"id": "more", "body": "值守人员强调值守纪律。"}))
    torn = f"{index}/{segments_of(index)[0]}/docdata.glass"
    searched = "cache.bytes = 0"  # what was answered before the damage is still right
    strict = Daemon("--index", index, "--workers", "2", lines=[searched], name="strict")
    partial = Daemon("--index", index, "--workers", "2", lines=["search.partial = yes", searched],
                     name="partial")
    for d in (strict, partial):
        expect(d.ask("COUNT 值守").startswith("200 count n=2 exact=1 ms="), "not whole at first")
    with open(torn, "r+b") as f:
        f.seek(5000)
        byte = f.read(1)
        f.seek(5000)
        f.write(bytes([byte[0] ^ 4]))
    for _ in range(10):
        said = strict.ask("@s SEARCH 值守")
        expect(said.startswith(f"500 @s damaged message={torn}: "), said)
    for _ in range(10):
        said = partial.ask("SEARCH snippet=0 值守\nCOUNT 值守\nSEARCH fmt=json 值守\nGET id=more").splitlines()
        expect(said[0].startswith("210 hits total=1 exact=0 relaxed=0 partial=1 "), said[0])
        expect("\tmore\t" in said[1], said[1])
        expect(said[3].startswith("200 count n=1 exact=0 partial=1 "), said[3])
        expect('"partial":true' in said[4], said[4])
        expect(said[5] == "210 document id=more", said[5])
    said = partial.ask("GET id=qx-2024-031")
    expect(said.startswith("500 damaged message=it is not in what can be read; ") and torn in said, said)
    for d in (strict, partial):
        d.wait_log(f"index-error name=torn message={torn}: ")
        rows = d.ask("STATS")
        expect("\ndamaged\t1\n" in rows and f"\t{torn}: its checksum does not match\n" in rows, rows)
        d.stop()
    d = Daemon("--index", index, "--workers", "1", lines=["search.partial = yes"])
    expect(d.ask("COUNT 值守").startswith("200 count n=1 exact=0 partial=1 "), "not served")
    with open(torn, "r+b") as f:
        f.seek(5000)
        f.write(byte)
    d.wait_log("index-good name=torn")
    expect(d.ask("COUNT 值守").startswith("200 count n=2 exact=1 ms="), "not taken up again")
    d.stop()
    d = Daemon("--index", index, "--workers", "1")
    expect(d.ask("COUNT 值守").startswith("200 count n=2 exact=1 ms="), "not repaired")
    d.stop()


def one_damaged_index_of_two():
    """an index that gets damaged is logged once, whatever the workers, and so is its repair"""
    good, other = INDEX, wire.make_index("fragile", "tests/data/bulletins/bulletins.jsonl")

    def manifest(data):
        with open(f"{other}/MANIFEST.new", "wb") as f:
            f.write(data)
        os.rename(f"{other}/MANIFEST.new", f"{other}/MANIFEST")

    def times(d, event):
        return sum(f" {event} name=fragile" in f" {line}" for line in d.text().splitlines())

    with open(f"{other}/MANIFEST", "rb") as f:
        whole = f.read()
    d = Daemon("--index", f"main={good}", "--index", f"fragile={other}", "--workers", "3")
    for round_ in (1, 2):
        manifest(b"nonsense\n")
        wait_for(lambda: times(d, "index-error") >= round_, "the damage in the log")
        expect(f"message={other}/MANIFEST: " in d.text(), d.text())
        time.sleep(LOOKED)
        manifest(whole)
        wait_for(lambda: times(d, "index-good") >= round_, "the repair in the log")
        time.sleep(LOOKED)
    expect((times(d, "index-error"), times(d, "index-good")) == (2, 2), d.text())
    manifest(b"nonsense\n")
    d.stop()
    d = Daemon("--index", f"main={good}", "--index", f"fragile={other}", "--workers", "2")
    d.wait_log("index-error name=fragile message=")
    said = d.ask("COUNT 强调\nCOUNT in=main 强调").splitlines()
    expect(said[0].startswith("500 damaged message=index fragile: "), said[0])
    expect(said[1].startswith("200 count "), said[1])
    os.unlink(f"{other}/MANIFEST")
    d.wait_log("MANIFEST is missing, but MANIFEST.1 is whole: gongbao-ingest --rollback brings it back")
    shutil.rmtree(other)
    d.wait_log("index-missing name=fragile")

    def without_it():
        said = d.ask("COUNT 强调\nCOUNT in=fragile 强调").splitlines()
        return (said[0].startswith("200 count ") and
                said[1].startswith("503 no-index message=index fragile: "))
    wait_for(without_it, "every worker to see that it is gone")
    d.stop()


wire.run([a_damaged_index, a_damaged_segment, one_damaged_index_of_two])
