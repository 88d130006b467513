# SPDX-License-Identifier: GPL-2.0-or-later
"""Play every transcript in this folder and every example of PROTOCOL.md to one daemon."""

import glob

import wire

wire.need("gongbaod", "gongbao-ingest", "gongbao.lex")
INDEX = f"{wire.TMP}/main"
wire.ingest(INDEX, "tests/wire/bulletins.jsonl")
daemon = wire.Daemon("--index", INDEX, "--workers", "2", lines=["search.window = 10000"],
                     name="transcripts")
DESCRIPTORS = daemon.descriptors()


def transcript(path):
    def test():
        wire.play_file(daemon, path)
    test.__doc__ = path
    return test


def example(block):
    def test():
        wire.Player(daemon, "src/net/PROTOCOL.md").play(block)
    test.__doc__ = f"src/net/PROTOCOL.md:{block[0][0]}"
    return test


def ends_well():
    """the daemon has the descriptors it began with, and SIGTERM ends it with 0"""
    wire.wait_for(lambda: daemon.descriptors() == DESCRIPTORS, "descriptors to be closed", 10)
    daemon.stop()


EXAMPLES = wire.examples("src/net/PROTOCOL.md")
assert EXAMPLES
wire.run([transcript(path) for path in sorted(glob.glob("tests/wire/*.txt"))] +
         [example(block) for block in EXAMPLES] + [ends_well])
