# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of the daemon. A worker is held with SIGSTOP where a test needs a request in flight."""

import json
import os
import random
import resource
import shutil
import signal
import socket
import struct
import subprocess
import time

import wire
from wire import Daemon, expect, wait_for

wire.need("gongbaod", "gongbao-ingest", "gongbao", "gongbao.lex", "base.lex")
INDEX = f"{wire.TMP}/main"
wire.ingest(INDEX, "tests/wire/bulletins.jsonl")


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def held(pid):
    """Stop a process and wait until it stands still."""
    os.kill(pid, signal.SIGSTOP)

    def stopped():
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "T"
    wait_for(stopped, "a worker to stop")
    return pid


def gongbaod(*args):
    done = subprocess.run([f"{wire.BIN}/gongbaod", *args], capture_output=True, text=True,
                          timeout=wire.PATIENCE)
    return done.returncode, done.stderr


def a_killed_worker_costs_one_request():
    """a worker killed with a request costs that request alone"""
    d = Daemon("--index", INDEX, "--workers", "1")
    line = d.connect()
    pid = held(d.workers()[0])
    line.send("@1 COUNT 值守\n@2 COUNT 值守\n@3 PING\n".encode())
    time.sleep(0.2)
    os.kill(pid, signal.SIGKILL)
    expect(line.read() == "500 @1 internal message=the worker that ran it died", "no 500")
    expect(line.read().startswith("200 @2 count n=1 "), "the next request failed too")
    expect(line.read() == "200 @3 pong", "no pong")
    line.sock.close()
    now = d.workers()
    expect(len(now) == 1 and now != [pid], "not replaced")
    d.stop()


def an_idle_worker_is_replaced():
    """workers killed while idle, twenty times, are replaced and nobody notices"""
    d = Daemon("--index", INDEX, "--workers", "2", lines=["cache.bytes = 0"])
    wait_for(lambda: len(d.workers()) == 2, "two workers")
    descriptors = d.descriptors()
    for _ in range(20):
        try:
            os.kill(d.workers()[0], signal.SIGKILL)
        except (ProcessLookupError, IndexError):
            pass  # of the last round, and not yet missed, or not yet replaced
        expect(d.ask("COUNT 值守").startswith(("200 count n=1 ", "500 ")), "no answer")
    wait_for(lambda: len(d.workers()) == 2, "two workers")
    wait_for(lambda: d.descriptors() == descriptors, "descriptors to be closed", 10)
    d.stop()


def an_overrun_is_408_and_a_full_queue_429():
    """a worker that overruns is killed (408); what finds the queue full is told so (429)"""
    d = Daemon("--index", INDEX, "--workers", "1",
               lines=["worker.kill_ms = 2s", "deadline_ms = 30s", "queue.max = 1"])
    line = d.connect()
    held(d.workers()[0])
    line.send("@1 COUNT 值守\n@2 COUNT 值守\n@3 COUNT fmt=json 值守\n".encode())
    expect(line.read().startswith("408 @1 deadline message="), "no 408")
    expect(line.read().startswith("200 @2 count n=1 "), "what waited was lost")
    third = line.read()
    expect(third.startswith('{"code":429,"name":"busy","tag":"3","retry_ms":'), third)
    line.sock.close()
    d.stop()


def an_answer_is_given_again():
    """the same request is answered from the cache, until a generation is published or a SIGHUP"""
    index, more = f"{wire.TMP}/kept", f"{wire.TMP}/kept.jsonl"
    shutil.rmtree(index, ignore_errors=True)
    wire.ingest(index, "tests/wire/bulletins.jsonl")
    d = Daemon("--index", index, "--workers", "2")

    def cached(request):
        return " cached=1" in d.ask(request).split("\n")[0]

    def counter(name):
        rows = [r.split("\t") for r in d.ask("STATS").splitlines()]
        return [int(r[1]) for r in rows if r[0] == name][0]

    first = d.ask("@a SEARCH limit=5 snippet=0 值守")
    again = d.ask("@b search SNIPPET=0 limit=5 值守")
    expect(" cached=1\n" in again and " cached=1" not in first, again)
    expect(again.replace(" cached=1", "") == first.replace("@a", "@b"), again)
    expect(not cached("SEARCH limit=4 snippet=0 值守"), "another request")
    expect('"cached":true' not in d.ask("SEARCH fmt=json 值守"), "text for JSON")
    expect('"cached":true,"hits":[' in d.ask("SEARCH fmt=json 值守"), "no JSON")
    expect(not cached("SEARCH strict=1 date:9 \"") and not cached("SEARCH in=none 值守"), "an error")
    expect(not cached("SEARCH in=none 值守"), "an error is kept")
    expect(counter("cache.hits") == 2 and counter("cache.entries") == 3, d.ask("STATS"))
    for n in range(3):
        with open(more, "w", encoding="utf-8") as f:
            print(json.dumps({"id": f"new-{n}", "title": "通知", "body": "值守"}), file=f)
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
    d = Daemon("--index", INDEX, "--workers", "1", lines=["slowlog.ms = 300", "deadline_ms = 400"])
    for _ in range(3):
        d.ask("SEARCH 值守")
    d.ask("SEARCH offset=1 值守\n?  值守 \nSEARCH 罍罍罍\nCOUNT 罍罍罍\nSEARCH \x1b[2J")
    rows = d.ask("TOP").splitlines()
    expect(rows[0] == "210 top" and rows[1] == "4\t0\t1\t值守" and len(rows) == 5, rows)
    expect(any(r.endswith("\t\\x1b[2J") for r in rows), rows)
    expect("1\t0\t0\t罍罍罍\n" in d.ask("TOP by=empty"), d.ask("TOP by=empty"))
    day = d.ask("TOP by=day").splitlines()[1]
    expect(day == time.strftime("%Y-%m-%d") + "\t6\t1\t0", day)
    pid = held(d.workers()[0])
    line = d.connect()
    line.send("SEARCH 慢\nSEARCH 更慢\n".encode())
    time.sleep(0.5)
    os.kill(pid, signal.SIGCONT)
    expect(line.read().split()[0] in ("210", "408"), "no answer")
    line.sock.close()
    wait_for(lambda: " n=2\n" in d.ask("SLOWLOG"), "two slow requests")
    rows = [r.split("\t") for r in d.ask("SLOWLOG").splitlines()[1:-1]]
    expect(sorted(r[6] for r in rows) == ["慢", "更慢"], rows)
    expect(all(float(r[1]) >= 300 for r in rows), rows)
    expect("408" in (rows[0][3], rows[1][3]), rows)
    d.stop()


def a_new_word_takes_effect():
    """a word is added, SIGHUP: queries know it at once, what was ingested before is found as before"""
    lexicon, words = f"{wire.TMP}/ours.lex", f"{wire.TMP}/words.txt"

    def gongbao(*args):
        done = subprocess.run([f"{wire.BIN}/gongbao", "lexicon", *args], capture_output=True,
                              text=True, timeout=wire.PATIENCE)
        expect(done.returncode == 0, done.stderr)
        return done.stdout

    def stamps():
        rows = [r.split("\t") for r in d.ask("STATS").splitlines()]
        return ([r[1] for r in rows if r[0] == "lexicon.stamp"][0],
                [r[5] for r in rows if r[0] == "segment"][0])

    base = ["--base", f"{wire.BIN}/base.lex", "--user", words]
    with open(words, "w") as f:
        print("# ours", file=f)
    gongbao("compile", *base, "--out", lexicon)
    d = Daemon("--index", INDEX, "--workers", "2", "--lexicon", lexicon)
    expect("word\t一河一策\t" not in d.ask("ANALYZE 落實一河一策"), "the word is known already")
    before, queries = stamps(), ["COUNT 一河一策", "COUNT 河一策", 'COUNT "一河"', "COUNT 值守"]
    counts = [d.ask(q).split()[2] for q in queries]
    expect(counts[0] == "n=1", counts)
    gongbao("add", *base, "--lexicon", lexicon, "一河一策")
    gongbao("remove", *base, "--lexicon", lexicon, "值守")
    expect("word\t一河一策\t" not in d.ask("ANALYZE 落實一河一策"), "it did not wait for SIGHUP")
    workers = d.workers()
    d.hang_up()
    d.wait_log("info reloaded")
    wait_for(lambda: len(d.workers()) == 2 and not set(workers) & set(d.workers()), "new workers")
    expect("word\t一河一策\t" in d.ask("ANALYZE 落實一河一策"), "the word is not known")
    expect([d.ask(q).split()[2] for q in queries] == counts, "hits are lost")
    after = stamps()
    expect(after[0] != before[0] and after[0] in gongbao("info", lexicon), f"{before} {after}")
    expect(after[1] == before[1], f"a segment has another stamp: {before} {after}")
    d.stop()


def waiting_too_long_is_408():
    """a request that finds no worker before its deadline is answered 408"""
    d = Daemon("--index", INDEX, "--workers", "1", lines=["deadline_ms = 300"])
    line = d.connect()
    pid = held(d.workers()[0])
    line.send("@1 COUNT 值守\n@2 COUNT 值守\n".encode())
    time.sleep(0.5)
    os.kill(pid, signal.SIGCONT)
    line.read()
    expect(line.read() == "408 @2 deadline message=no worker became free in time", "no 408")
    line.sock.close()
    d.stop()


def sigterm_drains():
    """SIGTERM: what is in flight is answered, every connection is told, the exit status is 0"""
    d = Daemon("--index", INDEX, "--workers", "1")
    line, idle = d.connect(), d.connect()
    workers = d.workers()
    held(workers[0])
    line.send("COUNT 值守\n".encode())
    time.sleep(0.2)
    d.process.send_signal(signal.SIGTERM)
    d.wait_log("stopping")
    expect(idle.read() == "503 stopping message=the daemon is stopping", "idle one not told")
    try:
        d.connect()
        raise wire.Failure("a new connection was taken")
    except ConnectionRefusedError:
        pass
    os.kill(workers[0], signal.SIGCONT)
    expect(line.read().startswith("200 count n=1 "), "in flight, not answered")
    expect(line.read() == "503 stopping message=the daemon is stopping", "not told")
    expect(line.read() is None and idle.read() is None, "not closed")
    line.sock.close()
    idle.sock.close()
    d.stop(send=None)
    expect(all(gone(pid) for pid in workers), "a worker is left")


def sighup_reloads():
    """SIGHUP: a new configuration holds, a bad one is refused, connections stay"""
    path = os.path.relpath(f"{wire.TMP}/socket")
    d = Daemon("--index", INDEX, "--workers", "2", "--unix", path)
    line, before = d.connect(), d.workers()

    def first(request):
        line.send(request.encode() + b"\n")
        head = line.read()
        while head.startswith("210") and line.read() != ".":
            pass
        return head

    expect(first("SEARCH limit=101 值守").startswith("400 bad-value "), "not refused")
    wire.conf("daemon.conf", ["search.limit_max = 500"])
    d.hang_up()
    d.wait_log("info reloaded")
    expect(first("SEARCH limit=101 值守").startswith("210 hits total=1 "), "still refused")
    wait_for(lambda: len(d.workers()) == 2 and not set(before) & set(d.workers()), "new workers")

    wire.conf("daemon.conf", ["search.limit_max = 700", "nonsense = 1"])
    d.hang_up()
    d.wait_log("daemon.conf:3")
    expect(first("SEARCH limit=501 值守").startswith("400 bad-value "), "a bad one was taken")

    with open(d.conf, "w") as f:
        print("lexicon = /nonexistent.lex\nsearch.limit_max = 700", file=f)
    d.hang_up()
    d.wait_log("reload-refused message=open /nonexistent.lex")
    expect(first("SEARCH limit=501 值守").startswith("400 bad-value "), "a bad one was taken")
    expect(first("COUNT 值守").startswith("200 count n=1 "), "it does not serve any more")
    line.sock.close()
    d.stop()
    expect(not os.path.exists(path), "the socket's file is left")


def the_last_sighup_counts():
    """SIGHUP while a reload is under way: what is there then is taken as well"""
    d = Daemon("--index", INDEX, "--workers", "1")
    for last in range(201, 211):
        wire.conf("daemon.conf", ["search.limit_max = 150"])
        d.hang_up()
        time.sleep((last - 201) * 0.005)
        wire.conf("daemon.conf", [f"search.limit_max = {last}"])
        d.hang_up()
        wait_for(lambda: d.ask(f"SEARCH limit={last} 值守").startswith("210 ")
                 and d.ask(f"SEARCH limit={last + 1} 值守").startswith("400 "), f"a limit of {last}")
    d.stop()


def a_lexicon_overwritten_in_place():
    """a lexicon that is emptied under the daemon: it serves on with what it has read"""
    lexicon = f"{wire.TMP}/overwritten.lex"
    shutil.copyfile(f"{wire.BIN}/gongbao.lex", lexicon)
    d = Daemon("--index", INDEX, "--workers", "2", "--lexicon", lexicon)
    line, before = d.connect(), d.ask("ANALYZE 經濟高質量發展")
    with open(lexicon, "r+b") as f:
        f.truncate(0)

    def replaced(dead):
        now = d.workers()
        return len(now) == 2 and dead not in now

    for _ in range(4):
        pid = d.workers()[0]
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: replaced(pid), "two workers")
    expect(d.ask("ANALYZE 經濟高質量發展") == before, "it is cut otherwise")
    line.send("COUNT 值守\n".encode())
    expect(line.read().startswith("200 count n=1 "), "it does not serve")
    line.sock.close()
    d.hang_up()
    d.wait_log(f"reload-refused message={lexicon} is not a compiled lexicon")
    with open(f"{wire.BIN}/gongbao.lex", "rb") as good, open(lexicon, "r+b") as f:
        data = bytearray(good.read())
        data[-1] ^= 1
        f.write(data)
    d.hang_up()
    d.wait_log(f"reload-refused message={lexicon}: lexicon: the checksum does not fit")
    expect(d.ask("ANALYZE 經濟高質量發展") == before, "it is cut otherwise")
    d.stop()


def no_worker_can_be_started():
    """while no worker can be started, requests are answered at once with the reason"""
    d = Daemon("--index", INDEX, "--workers", "1", lines=["deadline_ms = 60s"])
    line, worker = d.connect(), held(d.workers()[0])
    line.send("@1 COUNT 值守\n@2 COUNT 值守\n".encode())
    time.sleep(0.2)
    limits = resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    os.kill(worker, signal.SIGKILL)
    expect(line.read().startswith("500 @1 internal "), "no 500")
    said, why = line.read(), "no-worker message=no worker can be started: cannot start a worker: "
    expect(said.startswith(f"503 @2 {why}"), said)
    line.send("@3 COUNT 值守\n@4 PING\n".encode())
    said = line.read()
    expect(said.startswith(f"503 @3 {why}"), said)
    expect(line.read() == "200 @4 pong", "no pong")
    resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE, limits)
    line.send("@5 COUNT 值守\n".encode())
    while line.read().startswith("503 "):
        time.sleep(0.2)
        line.send("@5 COUNT 值守\n".encode())
    wait_for(lambda: d.ask("COUNT 值守").startswith("200 count n=1 "), "it to serve again")
    line.sock.close()
    d.stop()


def a_worker_that_hangs_at_its_start():
    """a worker that does not get ready is killed, and the reload that it was tried for refused"""
    d = Daemon("--index", INDEX, "--workers", "1")
    slow = f"{wire.TMP}/slow.stopwords"  # 900 KB to read: time in which it can be stopped
    with open(slow, "w", encoding="utf-8") as f:
        for i in range(70000):
            print("".join(chr(0x4e00 + i // n % 100) for n in (1, 100, 10000)) + "甲", file=f)
    wire.conf("daemon.conf", ["worker.start_ms = 500", f"stopwords = {slow}"])

    def children():
        with open(f"/proc/{d.process.pid}/task/{d.process.pid}/children") as f:
            return {int(pid) for pid in f.read().split()}

    def hangs():
        before = children()
        d.hang_up()
        wait_for(lambda: children() - before, "a new worker", pause=0)
        pid = min(children() - before)
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: d.text().count("reloaded") + d.text().count("reload-refused") == tries,
                 "the end of the reload")
        if "no worker could use it" in d.text():
            return True
        os.kill(pid, signal.SIGKILL)  # it was ready before it could be stopped
        return False
    tries = 1
    while not hangs():
        expect(tries < 100, "none can be stopped in time")
        tries += 1
    wire.conf("daemon.conf")
    reloads = d.text().count("info reloaded")
    d.hang_up()
    wait_for(lambda: d.text().count("info reloaded") > reloads, "a reload")
    expect(d.ask("COUNT 值守").startswith("200 count n=1 "), "it does not serve any more")
    d.stop()


def a_new_generation_is_seen():
    """a new generation is served within a second, by every worker, without a failed query"""
    d = Daemon("--index", INDEX, "--workers", "2", lines=["cache.bytes = 0"])
    more = f"{wire.TMP}/more.jsonl"
    with open(more, "w") as f:
        print('{"id": "new-1", "body": "罍街改造启动"}', file=f)
    expect(d.ask("COUNT 罍街").startswith("200 count n=0 "), "already there")
    wire.ingest(INDEX, more)
    start, replies = time.monotonic(), []
    while time.monotonic() < start + 2:
        replies.append((time.monotonic() - start, d.ask("COUNT 罍街\nCOUNT 罍街")))
    expect(all(r.count("200 count n=") == 2 for _, r in replies), "a query failed")
    expect(all(r.count("n=1 ") == 2 for t, r in replies if t > 1), "not seen within a second")
    d.stop()


def large_index():
    """An index of 2,000 bulletins of 300 random characters and a comma, nearly a quarter of them
    with 一."""
    index, many = f"{wire.TMP}/many", f"{wire.TMP}/many.jsonl"
    if os.path.exists(index):
        return index
    random.seed(1)
    with open(many, "w") as f:
        for i in range(2000):
            body = "".join(chr(random.randrange(0x4e00, 0x5200)) for _ in range(300))
            print(json.dumps({"id": f"d{i}", "body": body + "，"}), file=f)
    wire.ingest(index, many)
    return index


def totals_agree():
    """a total is that of COUNT, whatever the page"""
    d = Daemon("--index", large_index(), "--workers", "1")
    said, count = d.ask("SEARCH limit=1 一 丁"), d.ask("COUNT 一 丁")
    total = said.split("total=")[1].split()[0]
    expect(" exact=1 relaxed=0 partial=0 " in said, said)
    expect(count.startswith(f"200 count n={total} exact=1 "), count)
    d.stop()


def a_query_out_of_time():
    """a query that meets its deadline tells what it has found by then, or that it is nothing"""
    d = Daemon("--index", large_index(), "--workers", "1", lines=["deadline_ms = 1", "cache.bytes = 0"])
    late = "408 deadline message=the deadline passed before anything was found"
    none = "COUNT " + " ".join(f'"{chr(0x4e00 + i)}"' for i in range(32))
    wait_for(lambda: d.ask(none) == late + "\n", late)
    d.stop()


def a_pasted_sentence():
    """a sentence of 250 characters is a query like any other, in quotes and without"""
    index, source = f"{wire.TMP}/sentence", f"{wire.TMP}/sentence.jsonl"
    shutil.rmtree(index, ignore_errors=True)
    random.seed(2)
    with open("tests/wire/bulletins.jsonl", encoding="utf-8") as f:
        body = "".join(json.loads(line).get("body", "") for line in f)
    characters = [c for c in body if "\u4e00" <= c <= "\u9fff"]
    sentence = "".join(random.choice(characters) for _ in range(250))
    with open(source, "w") as f:
        print(json.dumps({"id": "long", "body": sentence}), file=f)
    wire.ingest(index, source)
    d = Daemon("--index", index, "--workers", "1")
    for query in (sentence, f'"{sentence}"'):
        said = d.ask(f"COUNT {query}")
        expect(said.startswith("200 count n=1 "), said)
    d.stop()


def a_damaged_index():
    """an index that fails its checks: 500 to what needs it, and the daemon goes on"""
    index = f"{wire.TMP}/damaged"
    shutil.rmtree(index, ignore_errors=True)
    wire.ingest(index, "tests/wire/bulletins.jsonl")
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
    index, more = f"{wire.TMP}/torn", f"{wire.TMP}/more.jsonl"
    shutil.rmtree(index, ignore_errors=True)
    wire.ingest(index, "tests/wire/bulletins.jsonl")
    with open(more, "w", encoding="utf-8") as f:
        print(json.dumps({"id": "more", "body": "值守人员强调值守纪律。"}), file=f)
    wire.ingest(index, more)
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


def what_comes_back():
    """a generation that is taken back and an index that is restored are seen like any other"""
    index, backup, more = f"{wire.TMP}/back", f"{wire.TMP}/backup", f"{wire.TMP}/worse.jsonl"
    for folder in (index, backup, f"{index}.old"):
        shutil.rmtree(folder, ignore_errors=True)

    def run(program, *args):
        done = subprocess.run([f"{wire.BIN}/{program}", *args], capture_output=True, text=True,
                              timeout=wire.PATIENCE)
        expect(done.returncode == 0, done.stderr)

    def answers(start):
        wait_for(lambda: d.ask("COUNT 值守").startswith(start), start)

    wire.ingest(index, "tests/wire/bulletins.jsonl")
    d = Daemon("--index", index, "--workers", "2")
    run("gongbao", "backup", index, backup)
    with open(more, "w", encoding="utf-8") as f:
        print(json.dumps({"id": "worse", "body": "值守。"}), file=f)
    wire.ingest(index, more)
    answers("200 count n=2 ")
    run("gongbao-ingest", "--index", index, "--rollback")
    answers("200 count n=1 ")
    expect(" generation=3" in d.ask("COUNT 值守"), "not generation 3")
    run("gongbao", "restore", "--force", backup, index)
    wait_for(lambda: " generation=1" in d.ask("COUNT 值守"), "the restored index")
    expect(d.ask("COUNT 值守").startswith("200 count n=1 "), "another index")
    d.stop()


def one_damaged_index_of_two():
    """an index that gets damaged is logged once, whatever the workers, and so is its repair"""
    good, other = INDEX, f"{wire.TMP}/fragile"
    shutil.rmtree(other, ignore_errors=True)
    wire.ingest(other, "tests/data/bulletins/bulletins.jsonl")

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
        wait_for(lambda: times(d, "index-error") >= round_, "the damage in the log", 30)
        expect(f"message={other}/MANIFEST: " in d.text(), d.text())
        time.sleep(4)  # every worker has looked again
        manifest(whole)
        wait_for(lambda: times(d, "index-good") >= round_, "the repair in the log", 30)
        time.sleep(4)
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
    wait_for(without_it, "every worker to see that it is gone", 30)
    d.stop()


def a_small_batch_costs_little():
    """a small batch beside a large index: of the old files nothing is read again"""
    index, more = large_index(), f"{wire.TMP}/more.jsonl"
    d = Daemon("--index", index, "--workers", "1")

    def bytes_read():
        with open(f"/proc/{d.workers()[0]}/io") as f:
            return int(f.readline().split()[1])

    with open(more, "w") as f:
        print('{"id": "new-1", "body": "罍街改造启动"}', file=f)
    d.ask("SPELL 改造")  # makes the table of words, which a worker does once in a while
    size = sum(os.path.getsize(os.path.join(folder, name))
               for folder, _, names in os.walk(index) for name in names)
    before = bytes_read()
    wire.ingest(index, more)
    wait_for(lambda: d.ask("COUNT 罍街").startswith("200 count n=1 "), "the batch", 5)
    read = bytes_read() - before
    expect(size > 1 << 20 and read < size // 4, f"{read} bytes read of {size}")
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
    wait_for(lambda: d.ask("COUNT 值守").startswith("200 count n=1 "), "service", 5)
    d.stop()


def several_indexes():
    """several indexes by name: all of them, or those that in= names"""
    other = f"{wire.TMP}/other"
    wire.ingest(other, "tests/data/bulletins/bulletins.jsonl")
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


def unix_socket():
    """a Unix socket: answers, replaces a stale file, not a living daemon, and is removed"""
    path = os.path.relpath(f"{wire.TMP}/socket")  # 107 bytes is the most
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(path)
    stale.close()
    d = Daemon("--index", INDEX, "--unix", path, "--workers", "1")
    expect(f"unix={path}" in d.ready, d.ready)
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(wire.PATIENCE)
    s.connect(path)
    line = wire.Line(s)
    line.send(b"PING\n")
    expect(line.read() == "200 pong", "no pong")
    s.close()
    code, said = gongbaod("--index", INDEX, "--unix", path, "--conf", d.conf)
    expect(code == 4 and "another program answers there" in said, f"{code} {said}")
    d.stop()
    expect(not os.path.exists(path), "the file is left")
    with open(path, "w"):
        pass
    code, said = gongbaod("--index", INDEX, "--unix", path, "--conf", d.conf)
    expect(code == 4 and "no socket" in said and os.path.exists(path), f"{code} {said}")
    os.unlink(path)


def check_only():
    """--check: file, line and what was expected; 0 for a good file"""
    good = wire.conf("good.conf", [f"index = {INDEX}"])
    expect(gongbaod("--check", "--conf", good) == (0, ""), "a good file is refused")
    for number, bad in enumerate(["line.max_byte = 8K", "workers = many", "listen = 7311",
                                  "worker.kill_ms = -1"]):
        path = wire.conf(f"bad{number}.conf", [f"index = {INDEX}", bad])
        code, said = gongbaod("--check", "--conf", path)
        expect(code == 2 and f"{path}:3: " in said, f"{bad}: {code} {said}")
    code, said = gongbaod("--check", "--conf", wire.conf("none.conf"))
    expect(code == 2 and "no index" in said, f"{code} {said}")
    code, said = gongbaod("--check", "--conf", good, "--lexicon", "/nonexistent.lex")
    expect(code == 2 and "/nonexistent.lex" in said, f"{code} {said}")
    for how in ([], ["--check"]):
        code, said = gongbaod("--conf", "/nonexistent.conf", *how)
        expect(code == 2 and "/nonexistent.conf" in said, f"{code} {said}")
    long = wire.conf("long.conf", [f"index = {INDEX}", "unix = /" + "x" * 107])
    code, said = gongbaod("--check", "--conf", long)
    expect(code == 2 and f"{long}:3: unix: " in said and " 107 bytes" in said, f"{code} {said}")
    code, said = gongbaod("--check", "--conf", good, "--unix", "/" + "x" * 107)
    expect(code == 2 and " 107 bytes" in said, f"{code} {said}")
    expect(gongbaod("--check", "--conf", good, "--unix", "/" + "x" * 106) == (0, ""), "107 bytes")
    expect(gongbaod("--nonsense")[0] == 2 and gongbaod("x")[0] == 2, "a wrong command line")


def addresses():
    """an address in use ends with 4, a lexicon that is missing too"""
    d = Daemon("--index", INDEX, "--workers", "1")
    code, said = gongbaod("--index", INDEX, "--conf", d.conf, "--listen",
                          f"127.0.0.1:{d.address[1]}")
    expect(code == 4 and "cannot listen on" in said, f"{code} {said}")
    d.stop()
    code, said = gongbaod("--index", INDEX, "--lexicon", "/nonexistent.lex", "--listen",
                          "127.0.0.1:0")
    expect(code == 4 and "/nonexistent.lex" in said, f"{code} {said}")


def idle_connections():
    """a silent connection is told and closed, one that waits for an answer is not"""
    d = Daemon("--index", INDEX, "--workers", "1", lines=["line.idle_ms = 1s"])
    pid = held(d.workers()[0])
    silent, waiting = d.connect(), d.connect()
    waiting.send("COUNT 值守\n".encode())
    expect(silent.read().startswith("408 deadline message="), "not told")
    expect(silent.read() is None, "not closed")
    os.kill(pid, signal.SIGCONT)
    expect(waiting.read().startswith("200 count n=1 "), "closed while it waited")
    silent.sock.close()
    waiting.sock.close()
    d.stop()


def too_many_connections():
    """over the limit of connections: 429 and a close, also when the client goes on to send"""
    d = Daemon("--index", INDEX, "--workers", "1", lines=["line.max_connections = 2"])
    held_open = [d.connect(), d.connect()]
    for line in held_open:
        line.send(b"PING\n")
        expect(line.read() == "200 pong", "no pong")
    for _ in range(20):
        over = d.connect()
        over.sock.sendall(b"PING\n" * 1000)
        time.sleep(0.01)
        over.sock.sendall(b"PING\n" * 1000)
        expect(over.read() == "429 busy retry_ms=1000 message=too many connections", "not told")
        expect(over.read() is None, "not closed")
        over.sock.close()
    for line in held_open:
        line.sock.close()
    wait_for(lambda: d.ask("PING") == "200 pong\n", "a free place")
    d.stop()


def replies_not_read():
    """2,000 requests before the first reply is read: all are answered, in order"""
    d = Daemon("--index", INDEX, "--workers", "2")
    line = d.connect()
    line.sock.setblocking(False)
    todo = b"".join(b"@%d HELP\n" % i for i in range(2000))
    sent = 0
    while sent < len(todo):
        try:
            sent += line.sock.send(todo[sent:])
        except BlockingIOError:
            break
    line.sock.settimeout(wire.PATIENCE)
    time.sleep(0.3)
    if sent < len(todo):  # the daemon does not read on: read now, then send the rest
        seen = line.sock.recv(65536)
        line.buffer += seen
    heads = []
    while len(heads) < 2000:
        if sent < len(todo):
            line.sock.setblocking(False)
            try:
                sent += line.sock.send(todo[sent:])
            except BlockingIOError:
                pass
            line.sock.settimeout(wire.PATIENCE)
        text = line.read()
        if text.startswith("210 "):
            heads.append(text)
    expect(heads == [f"210 @{i} help" for i in range(2000)], "out of order")
    line.sock.close()
    d.stop()


def connections_that_go():
    """a connection reset with requests in flight and waiting costs nobody anything"""
    d = Daemon("--index", INDEX, "--workers", "1")
    pid = held(d.workers()[0])
    linger = struct.pack("ii", 1, 0)  # close() resets
    for _ in range(20):
        line = d.connect()
        line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        line.send("COUNT 值守\n".encode() * 10)
        time.sleep(0.01)
        line.sock.close()
    os.kill(pid, signal.SIGCONT)
    expect(d.ask("COUNT 值守").startswith("200 count n=1 "), "no answer")
    rows = dict(r.split("\t")[:2] for r in d.ask("STATS").splitlines() if "\t" in r)
    expect(rows["connections.open"] == "1" and rows["queue"] == "0", str(rows))
    d.stop()


def a_byte_at_a_time():
    """a request that arrives byte by byte, characters cut in two"""
    d = Daemon("--index", INDEX, "--workers", "1")
    line = d.connect()
    line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in "@x COUNT 值守\r\n".encode():
        line.send(bytes([byte]))
        time.sleep(0.005)
    expect(line.read().startswith("200 @x count n=1 "), "not understood")
    line.sock.close()
    d.stop()


def netcat():
    """nc -N gets its replies and ends"""
    if not shutil.which("nc"):
        return
    d = Daemon("--index", INDEX, "--workers", "1")
    done = subprocess.run(["nc", "-N", d.address[0], str(d.address[1])], timeout=wire.PATIENCE,
                          input="COUNT 值守\nPING".encode(), capture_output=True)
    expect(done.stdout.decode().splitlines()[1] == "200 pong", str(done))
    d.stop()


def workers_die_with_the_daemon():
    """kill -9 of the daemon leaves no worker"""
    d = Daemon("--index", INDEX, "--workers", "3")
    workers = d.workers()
    d.process.kill()
    d.process.wait()
    d.process.stdout.close()
    d.log.close()
    wait_for(lambda: all(gone(pid) for pid in workers), "the workers to end", 10)


wire.run([a_killed_worker_costs_one_request, an_idle_worker_is_replaced,
          an_overrun_is_408_and_a_full_queue_429, waiting_too_long_is_408, sigterm_drains,
          an_answer_is_given_again, what_people_look_for,
          sighup_reloads, the_last_sighup_counts, a_new_word_takes_effect,
          a_lexicon_overwritten_in_place, no_worker_can_be_started,
          a_worker_that_hangs_at_its_start, a_new_generation_is_seen,
          totals_agree, a_query_out_of_time, a_pasted_sentence, a_damaged_index,
          a_damaged_segment, what_comes_back, one_damaged_index_of_two, a_small_batch_costs_little,
          without_an_index, several_indexes, unix_socket, check_only, addresses,
          idle_connections, too_many_connections, replies_not_read, connections_that_go,
          a_byte_at_a_time, netcat, workers_die_with_the_daemon])
