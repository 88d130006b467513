# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGTERM and SIGHUP: an end that loses nothing, and configuration, words and lexicons taken up anew."""

import os
import shutil
import signal
import time

import wire
from wire import Daemon, expect, gone, wait_for

wire.need("gongbaod", "gongbao-ingest", "gongbao", "gongbao.lex", "base.lex")
INDEX = wire.make_index()


def sigterm_drains():
    """SIGTERM: what is in flight is answered, every connection is told, the exit status is 0"""
    d = Daemon("--index", INDEX, "--workers", "1")
    idle, workers = d.connect(), d.workers()
    pid, line = d.hold("COUNT 值守")
    d.process.send_signal(signal.SIGTERM)
    d.wait_log("stopping")
    expect(idle.read() == "503 stopping message=the daemon is stopping", "idle one not told")
    try:
        d.connect()
        raise wire.Failure("a new connection was taken")
    except ConnectionRefusedError:
        pass
    os.kill(pid, signal.SIGCONT)
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


def a_new_word_takes_effect():
    """a word is added, SIGHUP: queries know it at once, what was ingested before is found as before"""
    lexicon, words = f"{wire.TMP}/ours.lex", f"{wire.TMP}/words.txt"

    def gongbao(*args):
        done = wire.program("gongbao", "lexicon", *args)
        expect(done.returncode == 0, done.stderr)
        return done.stdout

    def stamps():
        rows = d.stats()
        return rows["lexicon.stamp"][0], rows["segment"][4]

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


def a_new_synonym_takes_effect():
    """a word stands for another, SIGHUP: queries know it; a file that is wrong is refused"""
    path = f"{wire.TMP}/synonyms"

    def write(text):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    def counts():
        return [d.ask(f"COUNT {q}").split()[2] for q in ("职守", "职守 强调", '"职守"', "title:抗旱")]

    write("# none yet\n")
    d = Daemon("--index", INDEX, "--workers", "2", lines=[f"synonyms = {path}"], name="synonyms")
    expect(counts() == ["n=0"] * 4, counts())
    write("职守 => 值守\n抗旱 = 防汛\n")
    d.hang_up()
    d.wait_log("info reloaded")
    wait_for(lambda: counts() == ["n=1", "n=1", "n=0", "n=1"], f"synonyms: {counts()}")
    expect("值守" in d.ask("EXPLAIN 职守"), "EXPLAIN does not show it")
    write("职守 值守\n")
    d.hang_up()
    d.wait_log("reload-refused message=")
    d.wait_log("synonyms:1: expected WORD = WORD")
    expect(counts() == ["n=1", "n=1", "n=0", "n=1"], "a bad file was taken")
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


wire.run([sigterm_drains, sighup_reloads, the_last_sighup_counts, a_new_word_takes_effect,
          a_new_synonym_takes_effect, a_lexicon_overwritten_in_place])
