# SPDX-License-Identifier: GPL-2.0-or-later
"""What a bench leaves: tables in build/bench/, perhaps with a plot, and with KEEP=1 in the README beside
this file, between two lines that say so."""

import os

LEFT, README_DIR = "build/bench", "tests/bench"


def table(head, rows):
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, ["---"] * len(head), *rows])


def write(path, words):
    with open(path, "w", encoding="utf-8") as out:
        out.write(words)


def between(text, name, words):
    """The text with these words where it says that the bench of that name wrote."""
    begin, end = f"<!-- written by bench-{name} -->\n", f"<!-- end of what bench-{name} writes -->\n"
    before, rest = text.split(begin)
    return before + begin + words + end + rest.split(end)[1]


def leave(name, tables, picture=None):
    os.makedirs(LEFT, exist_ok=True)
    write(f"{LEFT}/{name}.md", tables)
    if picture:
        write(f"{LEFT}/{name}.svg", picture)
    if os.environ.get("KEEP") != "1":
        print(f"left in {LEFT}/{name}.*; KEEP=1 puts it into {README_DIR}/")
        return
    with open(f"{README_DIR}/README.md", encoding="utf-8") as readme:
        text = readme.read()
    write(f"{README_DIR}/README.md", between(text, name, tables))
    if picture:
        write(f"{README_DIR}/{name}.svg", picture)
