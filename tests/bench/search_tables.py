# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables and the plot of bench_search.py: {size: (documents, {who: {kind: figures}}, {who: cells about
phrases})}, where figures have p50, p99 and cpu in milliseconds."""

import bench_plot
from bench_readme import table

KINDS = {"word": "word of two", "phrase": "phrase of four", "words": "two words", "long": "long question"}
OURS = "Gongbao, the search itself"
SOCKET, CACHED = "Gongbao, socket, ten snippets", "Gongbao, socket, from the cache"
QUOTED = "Gongbao, in quotes"
NAMES = {.2: "one fifth", 1: "statutes", 5: "five times"}


def short(value):
    """Three figures that count, at most two places."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def over(theirs, ours):
    return theirs / max(.005, ours)


def cells(row, show):
    return [show(row[kind]) if row.get(kind) else "" for kind in KINDS]


# ---- one collection ----

def times_table(title, rows):
    def all_three(figures):
        return " · ".join(short(value) for value in (figures.p50, figures.p99, figures.cpu))
    return table([f"{title}: ms p50 · p99 · CPU", *KINDS.values()],
                 [[who, *cells(row, all_three)] for who, row in rows.items() if any(row.values())])


def ratio_table(title, rows):
    def ratios(who, what):
        return [f"{over(getattr(rows[who][kind], what), getattr(rows[OURS][kind], what)):.1f}"
                if rows[who].get(kind) else "" for kind in KINDS]
    return table([f"{title}: theirs over ours", *KINDS.values()],
                 [[f"{who}, {what}", *ratios(who, what)]
                  for who in rows if not who.startswith("Gongbao") for what in ("p50", "p99", "cpu")])


def phrase_table(title, phrases):
    return table([f"{title}: matches of the phrases", "in all", "same number"],
                 [[who, *row] for who, row in phrases.items()])


# ---- growth ----

def growth_cell(found, who, kind, what):
    """The figure for each size, and the last over the first; nothing where one is missing."""
    rows = [found[size][1].get(who, {}).get(kind) for size in sorted(found)]
    if not all(rows):
        return ""
    values = [getattr(figures, what) for figures in rows]
    return f"{' → '.join(map(short, values))} (× {over(values[-1], values[0]):.1f})"


def growth_table(found, title, what):
    first, last = (found[size][0] for size in (min(found), max(found)))
    whos = list(dict.fromkeys(who for size in found for who in found[size][1] if who != CACHED))
    rows = [[who, *(growth_cell(found, who, kind, what) for kind in KINDS)] for who in whos]
    return table([f"{title}, documents × {last / first:.0f}", *KINDS.values()],
                 [row for row in rows if any(row[1:])])


def plot(found):
    """The search itself, for each kind; a curve above its straight line grows slower than the documents."""
    def points(kind):
        return [(found[size][0], found[size][1][OURS][kind].p50) for size in sorted(found)]
    return bench_plot.svg([(name[0].upper() + name[1:], "milliseconds, p50, the search itself",
                            points(kind), None, "straight line") for kind, name in KINDS.items()])


# ---- all of it ----

def tables(found):
    parts = []
    for size, (documents, rows, phrases) in found.items():
        title = f"{NAMES.get(size, f'{size:g} times')}, {documents:,}"
        parts.append(times_table(title, rows))
        if len(phrases) > 1:
            parts += [ratio_table(title, rows), phrase_table(title, phrases)]
    if len(found) > 1:
        parts += [growth_table(found, title, what)
                  for title, what in (("p50", "p50"), ("p99", "p99"), ("CPU", "cpu"))]
    return "\n".join(parts)
