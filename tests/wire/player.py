# SPDX-License-Identifier: GPL-2.0-or-later
"""Play transcripts to a daemon and compare.

A transcript is lines of

    > request       sent with a line feed; \\r and \\xNN stand for those bytes
    >> bytes        sent without a line feed
    < reply         what must come back, line by line; "..." stands for anything, and alone on a
                    line for any lines up to the one that follows
    ! new           begin another connection
    ! shut          close the sending half
    ! end           the daemon closes the connection
    ! fill N X      send the character X N times
    # remark

Numbers that change from run to run (ms, scores, versions) are equal to any other, and whether an
answer comes from the cache does not matter. Requests that follow each other are sent together. When a
transcript ends, the sending half is closed, and nothing more may come.
"""

import re

from wire import Failure

CHANGING = [
    (r' cached=1\b', ''), (r',"cached":true', ''),
    (r'\bms=[0-9.]+', 'ms=N'), (r'"ms":[0-9.]+', '"ms":N'),
    (r'"score":[0-9.]+', '"score":N'), (r'^([0-9]+)\t[0-9]+\.[0-9]+\t', r'\1\tN\t'),
    (r'\bversion=[0-9.]+', 'version=N'), (r'"version":"[0-9.]+"', '"version":"N"'),
]


def level(line):
    for pattern, replacement in CHANGING:
        line = re.sub(pattern, replacement, line)
    return line


def equal(wanted, line):
    if line is None:
        return False
    pattern = ".*".join(re.escape(part) for part in level(wanted).split("..."))
    return re.fullmatch(pattern, level(line)) is not None


def unescape(text):
    data = text.encode().replace(b"\\r", b"\r")
    return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), data)


class Player:
    def __init__(self, daemon, name):
        self.daemon, self.name = daemon, name
        self.line, self.unsent, self.any_lines = None, b"", False

    def fail(self, number, what):
        raise Failure(f"{self.name}:{number}: {what}")

    def flush(self):
        if self.line is None:
            self.line = self.daemon.connect()
        if self.unsent:
            self.line.send(self.unsent)
        self.unsent = b""

    def expect_line(self, number, wanted):
        self.flush()
        if wanted == "...":
            self.any_lines = True
            return
        while True:
            line = self.line.read()
            if equal(wanted, line):
                break
            if line is None or not self.any_lines:
                self.fail(number, f"expected  {wanted!r}\n    but found {line!r}")
        self.any_lines = False

    def finish(self, number, shut=True):
        self.flush()
        if shut:
            self.line.shut()
        line = self.line.read()
        if line is not None:
            self.fail(number, f"unexpected {line!r}")
        self.line.sock.close()
        self.line = None

    def command(self, number, words):
        if words[0] == "new":
            self.finish(number)
        elif words[0] == "shut":
            self.flush()
            self.line.shut()
        elif words[0] == "end":
            self.finish(number, shut=False)
        elif words[0] == "fill":
            self.unsent += words[2].encode() * int(words[1])
        else:
            self.fail(number, "no such command")

    def play(self, numbered):
        number = 0
        for number, text in numbered:
            if text.startswith(">> "):
                self.unsent += unescape(text[3:])
            elif text == ">" or text.startswith("> "):
                self.unsent += unescape(text[2:]) + b"\n"
            elif text.startswith("< "):
                self.expect_line(number, text[2:])
            elif text.startswith("! "):
                self.command(number, text[2:].split())
            elif text and not text.startswith("#"):
                self.fail(number, f"what is {text!r}?")
        if self.line or self.unsent:
            self.finish(number)


def play_file(daemon, path):
    with open(path, encoding="utf-8") as f:
        Player(daemon, path).play(enumerate(f.read().split("\n"), 1))


def examples(path):
    """The blocks fenced as ```wire in a Markdown file, each with its line numbers."""
    block, blocks = None, []
    with open(path, encoding="utf-8") as f:
        for number, text in enumerate(f.read().split("\n"), 1):
            if text == "```wire":
                block = []
            elif text == "```" and block is not None:
                blocks.append(block)
                block = None
            elif block is not None:
                block.append((number, text))
    return blocks
