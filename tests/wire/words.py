# SPDX-License-Identifier: GPL-2.0-or-later
"""What was meant: lists of what people type, against the words of the statutes.

Ingests every N-th of the statutes (all of them by default), asks SPELL for each line of
tests/golden/words/misspelt.tsv and letters.tsv, prints what is not suggested as it should be, and how
many are right in the first place and among three. With --least it fails when fewer are among three.

    words.py PROGRAMS_DIR DATA_DIR [--every N] [--least MISSPELT,LETTERS]
"""

import argparse
import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile


def rows(name):
    with open(f"tests/golden/words/{name}.tsv", encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]


def ingest(programs, data, every, work):
    part = f"{work}/part.jsonl"
    with gzip.open(f"{data}/corpus/statutes.jsonl.gz", "rb") as lines, open(part, "wb") as out:
        out.writelines(line for i, line in enumerate(lines) if i % every == 0)
    subprocess.run([f"{programs}/gongbao-ingest", "--index", f"{work}/index", "--lexicon",
                    f"{programs}/gongbao.lex", part], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)


def meant(lines, connection, text):
    connection.sendall(f"SPELL fmt=json limit=3 {text}\n".encode())
    reply = json.loads(lines.readline())
    return [reply["meant"], *reply.get("others", [])] if reply.get("found") else []


def play(lines, connection, name):
    first = three = 0
    wanted = rows(name)
    for text, right in wanted:
        got = meant(lines, connection, text)
        first += got[:1] == [right]
        three += right in got
        if got[:1] != [right]:
            print(f"{text} is read as {' | '.join(got) or 'nothing'}, not {right}")
    print(f"{name}: {first} of {len(wanted)} right, {three} among three", flush=True)
    return three


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("data")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--least", default="0,0")
    args = parser.parse_args()
    work = tempfile.mkdtemp(prefix="words-", dir=os.environ.get("GONGBAO_TMP"))
    daemon = None
    try:
        ingest(args.programs, args.data, args.every, work)
        daemon = subprocess.Popen(
            [f"{args.programs}/gongbaod", "--index", f"{work}/index", "--lexicon",
             f"{args.programs}/gongbao.lex", "--unix", f"{work}/line", "--workers", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        daemon.stdout.readline()
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{work}/line")
        lines = connection.makefile("rb")
        good = [play(lines, connection, name) >= int(least)
                for name, least in zip(("misspelt", "letters"), args.least.split(","))]
        return 0 if all(good) else 1
    finally:
        if daemon:
            daemon.terminate()
            daemon.wait(20)
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
