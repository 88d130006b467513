# SPDX-License-Identifier: GPL-2.0-or-later
"""The time of searches, beside others' on the same documents in the same run.

Over a fifth of the statutes, all of them, and five copies of them with ids of their own: p50, p99 and
CPU of a query, for four kinds of query drawn from the text with a seed, top ten with id and title; and
how they grow with the number of documents. Ours is told
three times: the search itself (the ms of the reply), at the client's end of a socket with ten
snippets, and the same again when the daemon has the reply in its cache. Others are told as their
programs measure it, without a socket (search_peers.py). Everyone is asked other queries first, to
be warm, and then each query once, so that nobody answers from a cache.

Tables and plot (search_tables.py) are left in build/bench/; with KEEP=1 they replace those in
tests/bench/. Indexes are made in a folder under build/ and removed; with SEARCH_WORK=FOLDER they are kept
there, and those of an earlier run are taken as they are, but for ours. SEARCH_SIZES="0.2 1" leaves out the
five copies, SEARCH_PEERS=0 everyone else.

    bench_search.py PROGRAMS_DIR DATA_DIR
"""

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

import search_peers
from bench_peers import FORMS
from bench_readme import leave
from bench_run import Corpus, lines_of, measure
from search_tables import CACHED, KINDS, OURS, QUOTED, SOCKET, plot, short, tables

SIZES = "0.2 1 5"  # times the statutes
QUERIES = 400  # of each kind, and half as many to get warm
PATIENCE = 20  # seconds for one kind; who needs more is told by the queries done until then
DRAWN_FROM = 10  # one document of so many
WORDS = "/usr/lib/python3/dist-packages/jieba/dict.txt"


# ---- queries ----

class Draw:
    """Queries out of the text, the same for the same seed."""

    def __init__(self, source, seed):
        self.lot = random.Random(seed)
        self.bodies = [json.loads(line)["body"] for i, line in enumerate(lines_of(source, 1))
                       if i % DRAWN_FROM == 0]
        with open(WORDS, encoding="utf-8") as lines:
            self.known = {word for word in (line.split(" ", 1)[0] for line in lines) if len(word) == 2}

    def piece(self, body, length):
        """A run of Chinese characters from a text; None when the lot falls on another place."""
        at = self.lot.randrange(max(1, len(body) - length))
        piece = body[at:at + length]
        return piece if re.fullmatch(f"[一-鿿]{{{length}}}", piece) else None

    def word(self, body):
        for _ in range(50):
            word = self.piece(body, 2)
            if word in self.known:
                return word
        return None

    def once(self, kind):
        body = self.lot.choice(self.bodies)
        if kind == "word":
            return self.word(body)
        if kind == "words":
            two = self.word(body), self.word(body)
            return " ".join(two) if all(two) and two[0] != two[1] else None
        return self.piece(body, 4 if kind == "phrase" else self.lot.randint(12, 25))

    def some(self, kind, count):
        found = {}  # in order, each once
        while len(found) < count:
            query = self.once(kind)
            if query:
                found[query] = True
        return list(found)


def draw_all(source):
    """{kind: queries to get warm, queries to measure}."""
    draw = Draw(source, 1)
    drawn = {kind: draw.some(kind, QUERIES + QUERIES // 2) for kind in KINDS}
    return {kind: (all_of[QUERIES:], all_of[:QUERIES]) for kind, all_of in drawn.items()}


# ---- figures ----

class Figures:
    """What one kind took: milliseconds of each query, and of CPU for each."""

    def __init__(self, times, cpu):
        times = sorted(times)
        self.p50 = times[len(times) // 2]
        self.p99 = times[min(len(times) - 1, int(len(times) * .99))]
        self.cpu = cpu / len(times) * 1e3


def timed(pid, ask, queries):
    """Figures of asking, one query after the other, as long as patience lasts."""
    times, begun, cpu = [], time.monotonic(), search_peers.cpu_of(pid)
    for query in queries:
        times.append(ask(query))
        if time.monotonic() - begun > PATIENCE:
            break
    return Figures(times, search_peers.cpu_of(pid) - cpu)


# ---- ours ----

class Daemon:
    def __init__(self, programs, index):
        self.process = subprocess.Popen(
            [f"{programs}/gongbaod", "--index", index, "--lexicon", f"{programs}/gongbao.lex",
             "--listen", "127.0.0.1:0", "--workers", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = int(re.search(r"line=127\.0\.0\.1:(\d+)", self.process.stdout.readline()).group(1))
        self.stream = socket.create_connection(("127.0.0.1", port))
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = self.stream.makefile("rb")

    def ask(self, request):
        """The reply, and milliseconds until it was there."""
        begun = time.perf_counter()
        self.stream.sendall(f"{request}\n".encode())
        line = self.lines.readline()
        took = (time.perf_counter() - begun) * 1e3
        reply = json.loads(line)
        if reply["code"] not in (200, 210):
            raise SystemExit(f"{request}: {reply}")
        return reply, took

    def itself(self, query):
        return self.ask(f"SEARCH fmt=json limit=10 snippet=0 -- {query}")[0]["ms"]

    def at_client(self, query):
        return self.ask(f"SEARCH fmt=json limit=10 -- {query}")[1]

    def from_cache(self, query):
        reply, took = self.ask(f"SEARCH fmt=json limit=10 -- {query}")
        return took if reply.get("cached") else None

    def count(self, query):
        return self.ask(f'COUNT fmt=json -- "{query}"')[0]["n"]

    def stop(self):
        self.stream.close()
        self.process.terminate()
        self.process.wait(20)


def measure_cached(daemon, queries):
    """Those asked a moment ago. The cache may be off, or too small for all of them."""
    begun = search_peers.cpu_of(daemon.process.pid)
    times = [took for took in (daemon.from_cache(query) for query in queries) if took]
    cpu = search_peers.cpu_of(daemon.process.pid) - begun
    return Figures(times, cpu) if len(times) == len(queries) else None


def measure_ours(programs, index, queries):
    """How many documents there are, {what: {kind: figures}}, and how often each phrase stands in the text."""
    daemon = Daemon(programs, index)
    pid = daemon.process.pid
    rows = {OURS: {}, QUOTED: {}, SOCKET: {}, CACHED: {}}
    try:
        for warm, _ in queries.values():
            for query in warm:
                daemon.at_client(query)
        for kind, (_, asked) in queries.items():
            rows[OURS][kind] = timed(pid, daemon.itself, asked)
            rows[SOCKET][kind] = timed(pid, daemon.at_client, asked)
            rows[CACHED][kind] = measure_cached(daemon, asked[-50:])
        phrases = queries["phrase"][1]
        rows[QUOTED]["phrase"] = timed(pid, lambda query: daemon.itself(f'"{query}"'), phrases)
        counts = [daemon.count(query) for query in phrases]
        documents = daemon.ask("STATS fmt=json")[0]["documents"]
    finally:
        daemon.stop()
    return documents, rows, counts


# ---- others ----

def measure_peer(peer, folder, queries):
    """{kind: figures}, and how often each phrase stands in the text."""
    program = search_peers.Program(peer.ask(folder))
    pid = program.process.pid
    try:
        for _ in range(2):
            for kind in peer.kinds:
                timed(pid, lambda query: program.ask(kind, query)[0], queries[kind][0])
        row = {kind: timed(pid, lambda query: program.ask(kind, query)[0], queries[kind][1])
               for kind in peer.kinds}
        counts = [program.ask("count", query)[1] for query in queries["phrase"][1] if peer.counts]
    finally:
        program.stop()
    return row, counts


def tell_counts(name, ours, theirs):
    same = sum(a == b for a, b in zip(ours, theirs))
    print(f"{name}: {sum(theirs)} matches of {len(theirs)} phrases, {same} phrases alike; Gongbao, in"
          f" quotes: {sum(ours)}", flush=True)
    return f"{sum(theirs):,}", f"{same / len(theirs):.0%}"


# ---- a collection ----

class Collection:
    """The indexes over so many times the statutes, or a part of them, ours and others'."""

    def __init__(self, work, source, size):
        self.folder, self.source, self.size = f"{work}/{size:g}", source, size
        os.makedirs(self.folder, exist_ok=True)
        self.corpus = None

    def lines(self):
        if self.size >= 1:
            return lines_of(self.source, round(self.size))
        step = round(1 / self.size)
        return (line for i, line in enumerate(lines_of(self.source, 1)) if i % step == 0)

    def feed(self, form):
        if not self.corpus:
            forms = {name: FORMS[name] for name in ("nul", "load")}
            self.corpus = Corpus(f"{self.folder}/feed", self.lines(), forms)
        return self.corpus.path(form)

    def index(self, name, make):
        """The folder of an index, made unless an earlier run has left it; None when that takes too long."""
        folder = f"{self.folder}/{name}"
        if not os.path.exists(folder):
            part = f"{folder}.part"
            shutil.rmtree(part, ignore_errors=True)
            os.makedirs(part)
            try:
                make(part)
            except TimeoutError as stopped:
                return print(f"{name}: skipped, {stopped}", flush=True)
            os.rename(part, folder)
        return folder

    def ours(self, programs):
        shutil.rmtree(f"{self.folder}/gongbao", ignore_errors=True)  # as these programs make it
        return self.index("gongbao", lambda folder: measure(
            [f"{programs}/gongbao-ingest", "--lexicon", f"{programs}/gongbao.lex", "--index",
             f"{folder}/index", self.feed("jsonl")])) + "/index"

    def theirs(self, peer):
        name = type(peer).__name__.lower()
        return self.index(name, lambda folder: peer.make(self.feed(peer.form), folder))

    def drop_feed(self):
        if self.corpus:
            shutil.rmtree(self.corpus.folder)


def measure_collection(collection, programs, peers, queries):
    """How many documents there are, {who: {kind: figures}}, {who: cells about phrases}."""
    documents, rows, counts = measure_ours(programs, collection.ours(programs), queries)
    phrases = {QUOTED: (f"{sum(counts):,}", "")}
    tell(rows)
    for peer in peers:
        folder = collection.theirs(peer)
        if folder:
            rows[peer.name], theirs = measure_peer(peer, folder, queries)
            tell({peer.name: rows[peer.name]})
            if theirs:
                phrases[peer.name] = tell_counts(peer.name, counts, theirs)
    collection.drop_feed()
    return documents, rows, phrases


def tell(rows):
    for who, row in rows.items():
        for kind, figures in row.items():
            if figures:
                print(f"{who}, {KINDS[kind]}: p50 {short(figures.p50)} ms, p99 {short(figures.p99)} ms,"
                      f" CPU {short(figures.cpu)} ms", flush=True)


# ---- all of it ----

def peers_there(work):
    there = []
    for kind in search_peers.PEERS if os.environ.get("SEARCH_PEERS") != "0" else []:
        peer = kind(work)
        if peer.why:
            print(f"{peer.name}: skipped, {peer.why}")
        else:
            there.append(peer)
    return there


def run_all(programs, source, work):
    peers, queries, found = peers_there(work), draw_all(source), {}
    for size in map(float, os.environ.get("SEARCH_SIZES", SIZES).split()):
        print(f"{size:g} times the statutes", flush=True)
        found[size] = measure_collection(Collection(work, source, size), programs, peers, queries)
    leave("search", tables(found), plot(found))


def main():
    programs, data = sys.argv[1:3]
    source = f"{data}/corpus/statutes.jsonl.gz"
    if not os.path.exists(source) or not os.path.exists(WORDS):
        print(f"bench_search: skipped, {source} or {WORDS} is not there")
        return
    kept = os.environ.get("SEARCH_WORK")
    work = kept or tempfile.mkdtemp(prefix="bench-", dir="build")
    started = time.monotonic()
    try:
        run_all(programs, source, work)
    finally:
        if not kept:
            shutil.rmtree(work)
    print(f"bench_search: {(time.monotonic() - started) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
