# SPDX-License-Identifier: GPL-2.0-or-later
"""Real bulletins through the whole house: ingest, daemon, questions, answers.

Ingests one scraped bulletin among many pieces of statutes, then asks the daemon what a reader
would type, and checks three promises:
  - each remembered phrase brings the bulletin to the first page, marked on the original bytes;
  - every spelling of a query gives the same hits in the same order;
  - any piece of a stored body, sent in quotes, finds the bulletin it was cut from.

    corpus.py PROGRAMS_DIR DATA_DIR [--documents N] [--pieces N] [--seed N]
"""

import argparse
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

PAGE = 5000  # hits of a page when looking for one bulletin among all that have a common character

PHRASES = [
    "联农带富", "吴舜泽", "市委书记吴舜泽", "1410", "5+5", "9+1", "大场景小切口", "兩重",
    "公共服务跨山统筹", '"三大战略任务"', "强调 丽水", "经济 丽水", "高质量发展 丽水",
    "强调丽水", "经济丽水", "高质量发展丽水",
]

SPELLINGS = [
    ["强调", "強調", "強調(diào)", "强调（diào）"],
    ["高质量发展", "高質量發展", "高質(zhì)量發(fā)展"],
    ["大场景小切口", "大場景·小切口", "大场景・小切口", "大場景．小切口", "大場景‧小切口"],
    ["1410", "１４１０"],
    ["5+5", "５＋５"],
    ["两重", "兩重", "“兩重”"],
    ["三大战略任务", "三大戰略任務"],
    ["制度", "製度"],
    ["全面", "全麵"],
    ["体系", "體係", "體系"],
    ["计划", "計畫", "計劃"],
]

def say(line):
    print(line, flush=True)


class Daemon:
    """A gongbaod on a port of its own and one connection to it."""

    def __init__(self, programs, index, lexicon, conf):
        with open(conf, "w", encoding="utf-8") as out:
            out.write(f"search.limit_max = {PAGE}\n")
        self.process = subprocess.Popen(
            [f"{programs}/gongbaod", "--conf", conf, "--index", index, "--lexicon", lexicon,
             "--listen", "127.0.0.1:0", "--workers", "2"],
            stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline()
        say(ready.strip())
        port = int(re.search(r"line=127\.0\.0\.1:(\d+)", ready).group(1))
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.lines = self.socket.makefile("rb")

    def ask(self, line):
        self.socket.sendall(line.encode() + b"\n")
        return json.loads(self.lines.readline())

    def search(self, text, limit=10, offset=0, snippet=0):
        return self.ask(f"SEARCH fmt=json limit={limit} offset={offset} snippet={snippet} -- {text}")

    def close(self):
        self.socket.close()
        self.process.terminate()
        return self.process.wait(20)


def check_phrases(daemon, phrases, wanted):
    """Each phrase finds the bulletin on the first page; the marks cover the phrase."""
    failures = 0
    for phrase in phrases:
        reply = daemon.search(phrase, snippet=1)
        rank, hit = next(((h["rank"], h) for h in reply.get("hits", []) if h["id"] == wanted),
                         (None, None))
        marked = []
        if hit:
            for mark in hit["highlights"]:
                text = hit[mark["field"]].encode()
                marked.append(text[mark["offset"]:mark["offset"] + mark["length"]].decode())
        good = rank is not None and len(marked) > 0
        failures += not good
        say(f"{'ok' if good else 'FAIL'} {phrase}: rank {rank} of {reply.get('total')}"
            f" relaxed={reply.get('relaxed')} {reply.get('ms')} ms, marked {' | '.join(marked[:6])}")
    return failures


def check_spellings(daemon):
    failures = 0
    for group in SPELLINGS:
        answers = []
        for text in group:
            reply = daemon.search(text, limit=50)
            answers.append((reply["total"], [h["id"] for h in reply["hits"]]))
        good = all(a == answers[0] for a in answers) and answers[0][0] > 0
        failures += not good
        say(f"{'ok' if good else 'FAIL'} spellings {' = '.join(group)}: {answers[0][0]} hits"
            + ("" if good else f" against {[a[0] for a in answers]}"))
    return failures


def pieces(documents, count, rng):
    """Random pieces of 1 to 20 characters within one line of a body, not only white space."""
    while count > 0:
        document = rng.choice(documents)
        line = rng.choice(document["body"].split("\n"))
        if not line:
            continue
        start = rng.randrange(len(line))
        piece = line[start:start + rng.randint(1, 20)]
        if piece.strip() and '"' not in piece:
            count -= 1
            yield document["id"], piece


def found(daemon, wanted, piece):
    """Page through the hits of a quoted piece until the bulletin comes."""
    offset = 0
    while True:
        reply = daemon.search(f'"{piece}"', limit=PAGE, offset=offset)
        if reply["code"] != 210:
            say(f"     {reply}")
            return False
        if any(h["id"] == wanted for h in reply["hits"]):
            return True
        offset += PAGE
        if offset >= reply["total"] or not reply["hits"]:
            return False


def check_pieces(daemon, documents, count, seed):
    rng = random.Random(seed)
    missing = [(i, p) for i, p in pieces(documents, count, rng) if not found(daemon, i, p)]
    for wanted, piece in missing:
        say(f"FAIL piece of {wanted} not found: {piece!r}")
    say(f"{'ok' if not missing else 'FAIL'} {count - len(missing)} of {count} pieces found,"
        f" seed {seed}")
    return len(missing)


def ingest(args, index, sources, documents, work):
    part = f"{work}/statutes.jsonl"
    with open(part, "w", encoding="utf-8") as out:
        for document in documents:
            out.write(json.dumps(document, ensure_ascii=False) + "\n")
    run = subprocess.run([f"{args.programs}/gongbao-ingest", "--index", index,
                          "--lexicon", args.lexicon, *sources, part],
                         stdout=subprocess.PIPE, text=True)
    say(run.stdout.strip())
    if run.returncode != 0:
        say(f"FAIL ingest exited {run.returncode}")
    return run.returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("data")
    parser.add_argument("--lexicon", help="default: beside the programs")
    parser.add_argument("--index", help="an index of all of it that is there already")
    parser.add_argument("--documents", type=int, default=0, help="0: all")
    parser.add_argument("--pieces", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    args = parser.parse_args()
    args.lexicon = args.lexicon or f"{args.programs}/gongbao.lex"

    bulletin = f"{args.data}/corpus/bulletin-lishui.txt"
    documents = []
    with gzip.open(f"{args.data}/corpus/statutes.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            if args.documents and len(documents) == args.documents:
                break
            documents.append(json.loads(line))

    work = tempfile.mkdtemp(prefix="corpus-", dir=os.environ.get("GONGBAO_TMP", "build"))
    try:
        index = args.index or f"{work}/index"
        if not args.index and not ingest(args, index, [bulletin], documents, work):
            return 1
        with open(bulletin, encoding="utf-8") as text:
            documents.append({"id": bulletin, "body": text.read().strip()})
        daemon = Daemon(args.programs, index, args.lexicon, f"{work}/gongbao.conf")
        failures = check_phrases(daemon, PHRASES, bulletin)
        failures += check_spellings(daemon)
        failures += check_pieces(daemon, documents, args.pieces, args.seed)
        status = daemon.close()
        say(f"{'ok' if status == 0 else 'FAIL'} the daemon ended with {status}")
        return 1 if failures or status else 0
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
