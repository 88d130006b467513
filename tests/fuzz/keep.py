#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Choose the inputs of a fuzzer that are worth keeping:  keep.py CONTROL FOLDER MOST

CONTROL is what libFuzzer writes with -set_cover_merge and -merge_control_file: the names of the
inputs, and for each a line "FT number feature..." of all that it reaches. An input that reaches most of what is not reached
yet is taken, the smaller one of two, until everything is reached or MOST are taken (the greedy way
to a set cover). Of those in FOLDER the ones that were not taken are removed, but for seed-*, which
were made by hand; the others that were taken are copied there, named by the SHA-1 of their bytes.
"""

import hashlib
import os
import sys


def read_control(path):
    """The inputs, as {name: features}."""
    with open(path, encoding="utf-8") as control:
        lines = control.read().split("\n")
    names = lines[2 : 2 + int(lines[0])]
    reached = {name: set() for name in names}
    for line in lines[2 + len(names) :]:
        words = line.split()
        if words and words[0] == "FT":
            reached[names[int(words[1])]].update(words[2:])
    return reached


def choose(reached, taken, most):
    """Names in the order taken, those in `taken` first."""
    chosen = list(taken)
    missing = set().union(*reached.values()) - set().union(*(reached[name] for name in taken))
    while missing and len(chosen) < most:
        best = max(reached, key=lambda name: (len(reached[name] & missing), -os.path.getsize(name)))
        chosen.append(best)
        missing -= reached[best]
    return chosen, missing


def main():
    control, folder, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
    reached = read_control(control)
    seeds = sorted(n for n in reached if os.path.basename(n).startswith("seed-"))
    chosen, missing = choose(reached, seeds, most)
    kept = {}
    for name in chosen:
        with open(name, "rb") as data:
            raw = data.read()
        base = os.path.basename(name)
        kept[base if name in seeds else hashlib.sha1(raw).hexdigest()] = raw
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    for name, raw in kept.items():
        with open(os.path.join(folder, name), "wb") as out:
            out.write(raw)
    total = len(set().union(*reached.values()))
    print(f"{folder}: {len(kept)} of {len(reached)}, reaching {total - len(missing)} of {total}")


if __name__ == "__main__":
    main()
