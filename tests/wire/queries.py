# SPDX-License-Identifier: GPL-2.0-or-later
"""Queries that are large, or out of time."""

import json
import random

import wire
from wire import Daemon, expect, wait_for

wire.need("gongbaod", "gongbao-ingest", "gongbao.lex")
INDEX = wire.make_index("many", wire.random_bulletins())


def totals_agree():
    """a total is that of COUNT, whatever the page"""
    d = Daemon("--index", INDEX, "--workers", "1")
    said, count = d.ask("SEARCH limit=1 一 丁"), d.ask("COUNT 一 丁")
    total = said.split("total=")[1].split()[0]
    expect(" exact=1 relaxed=0 partial=0 " in said, said)
    expect(count.startswith(f"200 count n={total} exact=1 "), count)
    d.stop()


def a_query_out_of_time():
    """a query that meets its deadline tells what it has found by then, or that it is nothing"""
    d = Daemon("--index", INDEX, "--workers", "1", lines=["deadline_ms = 1", "cache.bytes = 0"])
    late = "408 deadline message=the deadline passed before anything was found"
    none = "COUNT " + " ".join(f'"{chr(0x4e00 + i)}"' for i in range(32))
    wait_for(lambda: d.ask(none) == late + "\n", late)
    d.stop()


def a_pasted_sentence():
    """a sentence of 250 characters is a query like any other, in quotes and without"""
    lot = random.Random(2)
    with open("tests/wire/bulletins.jsonl", encoding="utf-8") as f:
        body = "".join(json.loads(line).get("body", "") for line in f)
    characters = [c for c in body if "\u4e00" <= c <= "\u9fff"]
    sentence = "".join(lot.choice(characters) for _ in range(250))
    index = wire.make_index("sentence", wire.write_bulletins("sentence.jsonl", {"id": "long", "body": sentence}))
    d = Daemon("--index", index, "--workers", "1")
    for query in (sentence, f'"{sentence}"'):
        said = d.ask(f"COUNT {query}")
        expect(said.startswith("200 count n=1 "), said)
    d.stop()


wire.run([totals_agree, a_query_out_of_time, a_pasted_sentence])
