# SPDX-License-Identifier: GPL-2.0-or-later
"""Play the session of README.md to a daemon with the sample bulletins."""

import player
import wire

wire.need("gongbaod", "gongbao-ingest", "gongbao.lex")


def session():
    """What is typed into nc there and what comes back, with its line numbers, as a transcript."""
    with open("README.md", encoding="utf-8") as f:
        numbered = list(enumerate(f.read().split("\n"), 1))
    begin = next(n for n, text in numbered if text.startswith("    $ nc ") and "printf" not in text)
    rows = False  # of a reply
    request = True
    for number, text in numbered[begin:]:
        if not text.startswith("    "):
            return
        text = text[4:]
        yield number, ("> " if request else "< ") + text
        if request:
            request = False
        elif rows:
            rows, request = text != ".", text == "."
        else:
            rows, request = text[1] == "1", text[1] != "1"


def readme():
    """the session of README.md is what happens"""
    index = wire.make_index("sample", "tests/data/bulletins")
    daemon = wire.Daemon("--index", index, "--workers", "1", name="readme")
    lines = list(session())
    assert len(lines) > 20
    player.Player(daemon, "README.md").play(lines)
    daemon.stop()


wire.run([readme])
