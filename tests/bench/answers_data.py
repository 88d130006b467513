# SPDX-License-Identifier: GPL-2.0-or-later
"""Collections to measure answers on: documents, queries and which documents are right.

From CMRC 2018, an encyclopedia, short passages:

    all          the questions as people asked them
    questions    some of them
    traditional  all in Traditional characters, by opencc
    two words    two stretches of each question between its function words

From the statutes, a sample of whole laws. Their titles and their rare headings are taken out of the
text, so that they are in the words of its author but not in it:

    titles       the title of each law; right is every part of it
    headings     of chapters that stand in one part alone
    sentence     three stretches of a sentence between function words
    halves       two halves of stretches of four characters: 政府 of 人民政府

What is drawn by lot is drawn with SEED, so each run has the same. No word list and no segmenter has
a say in it.
"""

import gzip
import json
import os
import random
import re
import shutil
import subprocess

SEED = 20241031
PARTS = 7500  # of statutes, about
QUERIES = 1000  # of each collection, at most, unless the data says how many

# What stands between the words that carry the meaning, in statutes and in questions.
FUNCTION = re.compile(
    "应当|應當|可以|不得|或者|以及|对于|對於|关于|關於|什么|什麼|哪些|多少|怎么|如何|为何|因为|由于|"
    "本法|本条例|下列|按照|根据|其他|[的了和与與及等由对對在不有其所之是为為以于於被把将將向从從到"
    "至并並且依條条項项款但而则則也都就又各该該此这那个並得者如若经經须須应可会會能要使让谁哪几何吗呢吧啊"
    "第一二三四五六七八九十百千]|[^\u4e00-\u9fff]")
HEADING = re.compile(r"^\s*第[一二三四五六七八九十百]+\s*[章節节]\s+(\S[^\n]{2,14}\S)\s*$\n?", re.M)


def stretches(text, least=2, most=6):
    """Runs of Han without a function word in them, each once."""
    return sorted({s for s in FUNCTION.split(text) if s and least <= len(s) <= most})


def read_docs(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_docs(path, docs):
    with open(path, "w", encoding="utf-8") as out:
        for doc in docs:
            out.write(json.dumps(doc, ensure_ascii=False) + "\n")


class Collection:
    """A file of documents, and queries with their right answers. One that is another in other
    characters, or more of it, is once: it is not measured again for each choice."""

    def __init__(self, name, docs, work, once=False):
        self.name, self.docs, self.once = name, docs, once
        self.stem = f"{work}/{name.replace(' ', '-').replace(':', '')}"
        self.queries, self.qrels = f"{self.stem}.queries", f"{self.stem}.qrels"

    def write(self, asked):
        """asked: pairs of a query and the ids of its answers."""
        with open(self.queries, "w", encoding="utf-8") as queries, \
                open(self.qrels, "w", encoding="utf-8") as qrels:
            for i, (text, ids) in enumerate(asked):
                queries.write(f"{i}\t{text}\n")
                qrels.writelines(f"{i}\t{doc}\t1\n" for doc in ids)
        return self


# ---- CMRC 2018 ----

def read_pairs(folder):
    with open(f"{folder}/queries.tsv", encoding="utf-8") as lines:
        texts = dict(line.rstrip("\n").split("\t", 1) for line in lines)
    right = {}
    with open(f"{folder}/qrels.tsv", encoding="utf-8") as lines:
        for line in lines:
            query, doc, _ = line.split("\t")
            right.setdefault(query, []).append(doc)
    return [(text, right[query]) for query, text in texts.items()]


def traditional(texts):
    run = subprocess.run(["opencc", "-c", "s2tw"], input="\n".join(texts), stdout=subprocess.PIPE,
                         encoding="utf-8", check=True)
    return run.stdout.split("\n")[:len(texts)]


def two_words(asked, lot):
    for text, ids in asked:
        words = stretches(text)
        if len(words) >= 2:
            yield " ".join(lot.sample(words, 2)), ids


def cmrc(folder, work):
    docs = f"{work}/cmrc.jsonl"
    write_docs(docs, read_docs(f"{folder}/docs.jsonl.gz"))
    asked = read_pairs(folder)
    lot = random.Random(SEED)
    found = [Collection("CMRC: all", docs, work, once=True).write(asked),
             Collection("CMRC: questions", docs, work).write(lot.sample(asked, QUERIES))]
    if shutil.which("opencc"):
        texts = traditional([text for text, _ in asked])
        found.append(Collection("CMRC: traditional", docs, work, once=True).write(
            zip(texts, [ids for _, ids in asked])))
    else:
        print("CMRC: traditional: skipped, opencc is not installed")
    found.append(Collection("CMRC: two words", docs, work).write(
        list(two_words(asked, lot))[:QUERIES]))
    return found


# ---- statutes ----

def sample_laws(docs, lot):
    laws = {}
    for doc in docs:
        laws.setdefault(doc["id"].rsplit(".", 1)[0], []).append(doc)
    names = sorted(laws)
    lot.shuffle(names)
    kept = []
    for name in names:
        if len(kept) >= PARTS:
            break
        kept.extend(laws[name])
    return kept


def take_titles(docs):
    right = {}
    for doc in docs:
        right.setdefault(re.sub(r"（\d+）$", "", doc["title"]), []).append(doc["id"])
        doc["title"] = ""
    return sorted(right.items())


def take_headings(docs):
    where = {}
    for doc in docs:
        for heading in HEADING.findall(doc["body"]):
            where.setdefault(heading, []).append(doc["id"])
    for doc in docs:
        doc["body"] = HEADING.sub("", doc["body"])
    return sorted((text, ids) for text, ids in where.items() if len(ids) == 1)


def from_sentences(docs, lot, count, least, most):
    """Some stretches of a sentence from each of QUERIES documents."""
    drawn = []
    for doc in lot.sample(docs, len(docs)):
        lines = [line for line in re.split("[\n。；;]", doc["body"]) if 20 <= len(line) <= 80]
        words = stretches(lot.choice(lines), least, most) if lines else []
        if len(words) >= count and len(drawn) < QUERIES:
            drawn.append((lot.sample(words, count), [doc["id"]]))
    return drawn


def half(word, lot):
    return word[:2] if lot.random() < 0.5 else word[-2:]


def statutes(source, work):
    lot = random.Random(SEED)
    docs = sample_laws(read_docs(source), lot)
    titles, headings = take_titles(docs), take_headings(docs)
    path = f"{work}/statutes.jsonl"
    write_docs(path, docs)
    asked = {"titles": titles, "headings": headings,
             "sentence": [(" ".join(words), ids)
                          for words, ids in from_sentences(docs, lot, 3, 2, 6)],
             "halves": [(" ".join(half(word, lot) for word in words), ids)
                        for words, ids in from_sentences(docs, lot, 2, 4, 4)]}
    return [Collection(f"statutes: {name}", path, work).write(pairs)
            for name, pairs in asked.items()]


def collections(data, work):
    """All collections whose data is there."""
    found = []
    for path, make in ((f"{data}/retrieval/cmrc2018", cmrc),
                       (f"{data}/corpus/statutes.jsonl.gz", statutes)):
        if os.path.exists(path):
            found += make(path, work)
        else:
            print(f"skipped, {path} is not there")
    return found
