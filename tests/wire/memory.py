# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon remembers of requests: finished replies, frequent queries, slow ones."""

import os
import signal
import time

import wire
from wire import Daemon, expect, wait_for

wire.need("gongbaod", "gongbao-ingest", "gongbao", "gongbao.lex", "base.lex")
INDEX = wire.make_index()


def an_answer_is_given_again():
    """the same request is answered from the cache, until a generation is published or a SIGHUP"""
    index = wire.make_index("kept")
    d = Daemon("--index", index, "--workers", "2")

    def cached(request):
        return " cached=1" in d.ask(request).split("\n")[0]

    first = d.ask("@a SEARCH limit=5 snippet=0 值守")
    again = d.ask("@b search SNIPPET=0 limit=5 值守")
    expect(" cached=1\n" in again and " cached=1" not in first, again)
    expect(again.replace(" cached=1", "") == first.replace("@a", "@b"), again)
    expect(not cached("SEARCH limit=4 snippet=0 值守"), "another request")
    expect('"cached":true' not in d.ask("SEARCH fmt=json 值守"), "text for JSON")
    expect('"cached":true,"hits":[' in d.ask("SEARCH fmt=json 值守"), "no JSON")
    expect(not cached("SEARCH strict=1 date:9 \"") and not cached("SEARCH in=none 值守"), "an error")
    expect(not cached("SEARCH in=none 值守"), "an error is kept")
    expect(d.counter("cache.hits") == 2 and d.counter("cache.entries") == 3, d.ask("STATS"))
    for n in range(3):
        more = wire.write_bulletins("kept.jsonl", {"id": f"new-{n}", "title": "通知", "body": "值守"})
        expect(cached("COUNT 值守") == (n > 0), "not kept")
        wire.ingest(index, more)
        wait_for(lambda n=n: d.ask("COUNT 值守").startswith(f"200 count n={n + 2} "), "the new one")
        wait_for(lambda: cached("COUNT 值守"), "the new answer to be kept")
    d.hang_up()
    d.wait_log("info reloaded")
    expect(not cached("COUNT 值守"), "kept over a SIGHUP")
    expect(cached("COUNT 值守"), "not kept after a SIGHUP")
    d.stop()
    d = Daemon("--index", index, "--workers", "1", lines=["cache.bytes = 0"])
    expect(not cached("COUNT 值守") and not cached("COUNT 值守"), "kept without a cache")
    d.stop()


def what_people_look_for():
    """TOP counts searches by their first page, SLOWLOG has what took long, 408 too"""
    d = Daemon("--index", INDEX, "--workers", "1", lines=["slowlog.ms = 1500", "deadline_ms = 1600"])
    for _ in range(3):
        d.ask("SEARCH 值守")
    d.ask("SEARCH offset=1 值守\n?  值守 \nSEARCH 罍罍罍\nCOUNT 罍罍罍\nSEARCH \x1b[2J")
    rows = d.ask("TOP").splitlines()
    expect(rows[0] == "210 top" and rows[1] == "4\t0\t1\t值守\t" and len(rows) == 5, rows)
    expect(any(r.endswith("\t\\x1b[2J\t") for r in rows), rows)
    expect("1\t0\t0\t罍罍罍\t\n" in d.ask("TOP by=empty"), d.ask("TOP by=empty"))
    day = d.ask("TOP by=day").splitlines()[1]
    expect(day == time.strftime("%Y-%m-%d") + "\t6\t1\t0", day)
    pid, line = d.hold("SEARCH 慢", "SEARCH 更慢")
    time.sleep(2)
    os.kill(pid, signal.SIGCONT)
    expect(line.read().split()[0] in ("210", "408"), "no answer")
    line.sock.close()
    wait_for(lambda: " n=2\n" in d.ask("SLOWLOG"), "two slow requests")
    rows = [r.split("\t") for r in d.ask("SLOWLOG").splitlines()[1:-1]]
    expect(sorted(r[6] for r in rows) == ["慢", "更慢"], rows)
    expect(all(float(r[1]) >= 1500 for r in rows), rows)
    expect("408" in (rows[0][3], rows[1][3]), rows)
    d.stop()


def what_many_look_for_is_offered():
    """SUGGEST has a query that came twice, by characters and by pinyin, and none that came once"""
    d = Daemon("--index", INDEX, "--workers", "1")
    d.ask("SEARCH 值守 电话\nSEARCH 值守 名单")
    time.sleep(1.1)  # the list is made once a second
    expect("\tquery\t" not in d.ask("SUGGEST 值"), "offered when it came once")
    d.ask("SEARCH 值守 电话")
    for text in "值", "zhishou":
        wait_for(lambda text=text: d.ask(f"SUGGEST {text}").splitlines()[1].startswith("值守 电话\tquery\t"),
                 f"the query for {text}")
    expect("名单" not in d.ask("SUGGEST 值守"), "what came once is offered")
    d.stop()


def what_is_asked_of_an_index_stays_there():
    """TOP tells the indexes of a query, and SUGGEST has none of other indexes"""
    other = wire.make_index("other")
    d = Daemon("--index", INDEX, "--index", f"e={other}", "--workers", "1", lines=["cache.bytes = 0"])
    for _ in range(2):
        d.ask("SEARCH in=main 值守 电话\nSEARCH in=e 值守 名单\nSEARCH 值守 通知")
    expect("2\t0\t1\t值守 电话\tmain\n" in d.ask("TOP"), d.ask("TOP"))

    def offered(options):
        rows = [row.split("\t") for row in d.ask(f"SUGGEST {options} 值守").splitlines()[1:-1]]
        return [row[0] for row in rows if row[1] == "query"]
    wait_for(lambda: offered("in=main") == ["值守 电话"], "the query of main")
    expect(offered("in=e") == ["值守 名单"] and offered("") == ["值守 通知"], d.ask("SUGGEST 值守"))
    expect(offered("in=main,e") == [], "those of others")
    d.stop()


wire.run([an_answer_is_given_again, what_people_look_for, what_many_look_for_is_offered,
          what_is_asked_of_an_index_stays_there])
