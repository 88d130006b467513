# SPDX-License-Identifier: GPL-2.0-or-later
"""Others' writers over the same documents. Each is given its input in the form it reads fastest,
made beforehand, and is passed over with a word when it is not installed.

    SQLite FTS5   one character a token; text stored in the table (peers/sqlite_chars.c)
    Sphinx        indexer: ngram_len=1, tab-separated input; stores no text
    Groonga       TokenBigram over title and body; text stored; the index is built after loading,
                  which is faster than before
    libxapian     WritableDatabase, given the very terms of our index (peers/xapian_writer.cc)
"""

import glob
import json
import os
import shutil
import subprocess

from bench_run import blocks_of, measure

FLAGS = ["-O2", "-Wall", "-Wextra", "-Wshadow", "-Wconversion"]

SPHINX = """
source docs
{{
    type = tsvpipe
    tsvpipe_command = cat {docs}
    tsvpipe_field = title
    tsvpipe_field = body
    tsvpipe_attr_uint = date
}}
index docs
{{
    source = docs
    path = {folder}/docs
    docinfo = extern
    ngram_len = 1
    ngram_chars = U+3000..U+2FA1F
}}
indexer
{{
    mem_limit = 512M
}}
"""

GROONGA_BEFORE = """table_create Docs TABLE_HASH_KEY ShortText
column_create Docs title COLUMN_SCALAR Text
column_create Docs body COLUMN_SCALAR Text
load --table Docs
[
"""
GROONGA_AFTER = """]
table_create Terms TABLE_PAT_KEY ShortText --default_tokenizer TokenBigram --normalizer NormalizerAuto
column_create Terms text COLUMN_INDEX|WITH_POSITION|WITH_SECTION Docs title,body
"""


def write_nul(out, doc, _):
    out.write(b"".join(doc[key].encode() + b"\0" for key in ("id", "title", "body")))


def write_tsv(out, doc, number):
    title, body = (" ".join(doc[key].split()) for key in ("title", "body"))
    date = (doc["date"] or "0").replace("-", "")
    out.write(f"{number}\t{title}\t{body}\t{date}\n".encode())


def write_load(out, doc, number):
    row = {"_key": doc["id"], "title": doc["title"], "body": doc["body"]}
    out.write(b",\n" * (number > 1) + json.dumps(row, ensure_ascii=False).encode())


FORMS = {"nul": write_nul, "tsv": write_tsv, "load": write_load}


def build(program, compiler, source, *flags):
    subprocess.run([*compiler, "-D_GNU_SOURCE", *FLAGS, "-o", program, source, *flags], check=True)
    return program


def sqlite(work, corpus, folder):
    if not os.path.exists("/usr/include/sqlite3.h"):
        return print("SQLite: skipped, libsqlite3-dev is not installed")
    program = build(f"{work}/sqlite_chars", ["gcc", "-std=c11"], "tests/bench/peers/sqlite_chars.c",
                    "-lsqlite3")
    return measure([program, corpus.path("nul"), f"{folder}/db"])


def sphinx(_, corpus, folder):
    if not shutil.which("indexer"):
        return print("Sphinx: skipped, sphinxsearch is not installed")
    with open(f"{folder}/conf", "w", encoding="utf-8") as conf:
        conf.write(SPHINX.format(docs=corpus.path("tsv"), folder=folder))
    return measure(["indexer", "--quiet", "--config", f"{folder}/conf", "--all"])


def groonga(work, corpus, folder):
    if not shutil.which("groonga"):
        return print("Groonga: skipped, groonga-bin is not installed")
    script = f"{work}/groonga"
    with open(script, "wb") as out, open(corpus.path("load"), "rb") as rows:
        out.write(GROONGA_BEFORE.encode())
        shutil.copyfileobj(rows, out)
        out.write(GROONGA_AFTER.encode())
    run = measure(["groonga", "--file", script, "-n", f"{folder}/db"])
    os.remove(script)
    return run


PEERS = {"SQLite FTS5, characters": sqlite, "Sphinx, characters, no text": sphinx, "Groonga, bigrams": groonga}


def peers(work, corpus):
    """{name: (run, bytes on disk, holes in files not counted)} of those that are installed."""
    found = {}
    for name, run_one in PEERS.items():
        folder = f"{work}/peer"
        os.makedirs(folder)
        try:
            run = run_one(work, corpus, folder)
        except TimeoutError as stopped:
            run = print(f"{name}: skipped, {stopped}")
        if run:
            disk = blocks_of(folder)
            found[name] = run, disk
            print(f"{name}: {corpus.body / 1e6 / run.cpu:.2f} MB of body per CPU second"
                  f" ({run.cpu:.1f} CPU s, {run.wall:.1f} s, peak {run.peak:.0f} MB,"
                  f" disk over body {disk / corpus.body:.2f})", flush=True)
        shutil.rmtree(folder)
    return found


def xapian(work, index):
    """CPU seconds of add_document and commit for the documents of an index of ours."""
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "xapian-core"], text=True).split()
    program = build(f"{work}/xapian_writer", ["g++", "-std=c++17"], "tests/bench/peers/xapian_writer.cc",
                    *flags)
    run = measure([program, f"{work}/xapian", *sorted(glob.glob(f"{index}/seg-*"))])
    shutil.rmtree(f"{work}/xapian")
    return float(run.out.split()[0])
