# SPDX-License-Identifier: GPL-2.0-or-later
"""The analyzer in figures: its speed, and how well it finds words, beside ICU and jieba.

Speed, in megabytes of UTF-8 per CPU second, the best of five rounds for each, over the bodies of
the statutes: ours with the cost of each stage, ICU's word iterator for Chinese (all bodies), jieba's
plain mode (the first of them, for it is slow). Words, as F1 of their spans, over text cut by hand: a
word counts as found when both its ends are right. A peer that is not installed is passed over with a
word about it.

    bench_analysis.py PROGRAMS_DIR DATA_DIR
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROUNDS = 5
JIEBA_BYTES = 3_000_000


def bodies(source):
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["body"]


def print_peer(name, size, seconds, ours):
    print(f"{name:24} {seconds:8.2f} s {size / seconds / 1e6:8.1f} MB/s"
          f"   Gongbao is {ours / (size / seconds / 1e6):.1f} times as fast")


# ---- speed ----

def measure_ours(programs, source):
    run = subprocess.run([f"{programs}/tests/bench/bench_analysis", f"{programs}/gongbao.lex", source],
                         stdout=subprocess.PIPE, text=True, check=True)
    print(run.stdout, end="")
    return float(re.search(r"^everything .* ([\d.]+) MB/s", run.stdout, re.M).group(1))


def build_icu(work):
    """The path of the program, or None without ICU."""
    module = "icu-uc"
    if subprocess.run(["pkg-config", "--exists", module], check=False).returncode != 0:
        return None
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", module], text=True).split()
    program = f"{work}/icu_words"
    subprocess.run(["gcc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-o", program,
                    "tests/bench/peers/icu_words.c", *flags], check=True)
    return program


def measure_icu(work, source, ours):
    program = build_icu(work)
    if not program:
        print("ICU: skipped, libicu-dev is not installed")
        return
    with open(f"{work}/bodies", "wb") as out:
        for body in bodies(source):
            out.write(body.encode() + b"\0")
    seconds, size, _ = subprocess.check_output([program, f"{work}/bodies"], text=True).split()
    print_peer("ICU, words for zh", int(size), float(seconds), ours)


def measure_jieba(jieba, source, ours):
    size = 0
    texts = []
    for body in bodies(source):
        if size >= JIEBA_BYTES:
            break
        texts.append(body)
        size += len(body.encode())
    seconds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for text in texts:
            for _ in jieba.cut(text, HMM=False):
                pass
        seconds.append(time.process_time() - started)
    print_peer("jieba, HMM=False", size, min(seconds), ours)


# ---- words ----

def spans(words):
    """The places of words in a line without white space."""
    found = set()
    at = 0
    for word in words:
        word = "".join(word.split())
        if word:
            found.add((at, at + len(word)))
            at += len(word)
    return found


def f1(gold, cut):
    right = in_gold = in_cut = 0
    for wanted, got in zip(gold, cut, strict=True):
        a, b = spans(wanted), spans(got)
        right += len(a & b)
        in_gold += len(a)
        in_cut += len(b)
    return 2 * right / (in_gold + in_cut)


def our_words(programs, lines, *options):
    run = subprocess.run([f"{programs}/tests/bench/bench_words", f"{programs}/gongbao.lex", *options],
                         input="\n".join(lines) + "\n", stdout=subprocess.PIPE, encoding="utf-8",
                         check=True)
    return [line.split() for line in run.stdout.splitlines()]


def score(programs, jieba, path):
    with open(path, encoding="utf-8") as lines:
        gold = [line.split() for line in lines if line.strip()]
    plain = ["".join(words) for words in gold]
    row = [f"Gongbao {f1(gold, our_words(programs, plain)):.4f}",
           f"long words whole {f1(gold, our_words(programs, plain, '--whole')):.4f}"]
    if jieba:
        for hmm in True, False:
            cut = [list(jieba.cut(line, HMM=hmm)) for line in plain]
            row.append(f"jieba HMM={hmm} {f1(gold, cut):.4f}")
    print(f"F1 of words, {os.path.basename(path)}, {len(gold)} lines: {', '.join(row)}")


def load_jieba():
    try:
        import jieba
    except ImportError:
        print("jieba: skipped, python3-jieba is not installed")
        return None
    jieba.setLogLevel("ERROR")
    jieba.initialize()
    return jieba


def main():
    programs, data = sys.argv[1:3]
    source = f"{data}/corpus/statutes.jsonl.gz"
    jieba = load_jieba()
    if os.path.exists(source):
        work = tempfile.mkdtemp(prefix="bench-", dir="build")
        try:
            ours = measure_ours(programs, source)
            measure_icu(work, source, ours)
            if jieba:
                measure_jieba(jieba, source, ours)
        finally:
            shutil.rmtree(work)
    else:
        print(f"speed: skipped, {source} is not there")
    for name in "dev-simplified.utf8", "train.utf8":
        path = f"{data}/segmentation/ud-gsd/{name}"
        if os.path.exists(path):
            score(programs, jieba, path)
        else:
            print(f"words: skipped, {path} is not there")


if __name__ == "__main__":
    main()
