# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of answers: what each weight does on collections that look different.

Ingests the documents of answers_data.py and runs `gongbao eval` for the defaults and for each key of
the configuration changed by itself. Prints all figures for the defaults, and MRR@10 of each choice
by collection; what is better or worse than the defaults by .002 and more is marked + or -. It takes
some four CPU minutes.

    bench_answers.py PROGRAMS_DIR DATA_DIR
"""

import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

import answers_data

CHOICES = ["rank.piece = 0", "rank.piece = 1", "rank.word = 0", "rank.bigram = 0",
           "rank.bigram = 0.3", "rank.bigram = 1", "rank.character = 0", "rank.k1 = 0.9",
           "rank.b = 0.4", "search.most = 0"]
FIGURES = ["MRR@10", "nDCG@10", "recall@10", "recall@100"]
MARKED = 0.002


def index_of(docs):
    return docs.removesuffix(".jsonl") + ".index"


def ingest(programs, docs):
    subprocess.run([f"{programs}/gongbao-ingest", "--index", index_of(docs), "--lexicon",
                    f"{programs}/gongbao.lex", docs], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)


def evaluate(programs, collection, conf):
    run = subprocess.run([f"{programs}/gongbao", "eval", "--lexicon", f"{programs}/gongbao.lex",
                          "--conf", conf, "--index", index_of(collection.docs), "--queries",
                          collection.queries, "--qrels", collection.qrels],
                         stdout=subprocess.PIPE, text=True, check=True)
    return {name: float(value) for name, value in (line.split("\t") for line in run.stdout.splitlines())}


def write_conf(work, number, choice):
    """A configuration with one key changed. Times are not wanted, so the first page is short."""
    path = f"{work}/{number}.conf"
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"search.limit = 1\ndeadline_ms = 60s\nworker.kill_ms = 61s\n{choice}\n")
    return path


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def short(value):
    return f"{value:.4f}".removeprefix("0")


def marked(value, default):
    change = value - default
    return short(value) + (" +" if change >= MARKED else " -" if change <= -MARKED else "")


def print_defaults(collections, default):
    row("defaults", "queries", *FIGURES)
    row(*["---"] * (2 + len(FIGURES)))
    for collection, found in zip(collections, default):
        row(collection.name, str(round(found["queries"])), *(short(found[f]) for f in FIGURES))


def print_choices(collections, default, tried):
    """tried: for each choice what it found, which may still be coming."""
    shown = [i for i, collection in enumerate(collections) if not collection.once]
    print(f"\n{FIGURES[0]} of each choice\n")
    row("changed", *(collections[i].name for i in shown))
    row(*["---"] * (1 + len(shown)))
    row("defaults", *(short(default[i][FIGURES[0]]) for i in shown))
    for choice, found in tried:
        row(f"`{choice}`", *(marked(f[FIGURES[0]], default[i][FIGURES[0]])
                             for i, f in zip(shown, found)))


def measure(programs, collections, work):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda docs: ingest(programs, docs), sorted({c.docs for c in collections})))
        jobs = []
        for number, choice in enumerate(["", *CHOICES]):
            conf = write_conf(work, number, choice)
            jobs.append([pool.submit(evaluate, programs, c, conf) for c in collections
                         if not (choice and c.once)])
        found = ([job.result() for job in row_of_jobs] for row_of_jobs in jobs)
        default = next(found)
        print_defaults(collections, default)
        print_choices(collections, default, zip(CHOICES, found))


def main():
    programs, data = sys.argv[1:3]
    work = tempfile.mkdtemp(prefix="bench-", dir="build")
    try:
        collections = answers_data.collections(data, work)
        if collections:
            measure(programs, collections, work)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
