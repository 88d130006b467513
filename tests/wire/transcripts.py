# SPDX-License-Identifier: GPL-2.0-or-later
"""Play every transcript in this folder and every example of PROTOCOL.md to one daemon."""

import glob

import player
import wire

wire.need("gongbaod", "gongbao-ingest", "gongbao.lex")
daemon = wire.Daemon("--index", wire.make_index(), "--workers", "2", lines=["search.window = 10000"],
                     name="transcripts")
DESCRIPTORS = daemon.descriptors()


def transcript(path):
    def test():
        player.play_file(daemon, path)
    test.__doc__ = path
    return test


def example(block):
    def test():
        player.Player(daemon, "src/net/PROTOCOL.md").play(block)
    test.__doc__ = f"src/net/PROTOCOL.md:{block[0][0]}"
    return test


def ends_well():
    """the daemon has the descriptors it began with, and SIGTERM ends it with 0"""
    wire.wait_for(lambda: daemon.descriptors() == DESCRIPTORS, "descriptors to be closed", 10)
    daemon.stop()


EXAMPLES = player.examples("src/net/PROTOCOL.md")
assert EXAMPLES
wire.run([transcript(path) for path in sorted(glob.glob("tests/wire/*.txt"))] +
         [example(block) for block in EXAMPLES] + [ends_well])
