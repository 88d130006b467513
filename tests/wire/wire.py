# SPDX-License-Identifier: GPL-2.0-or-later
"""Speak to a real daemon: start it on a port of its own, play transcripts, compare.

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
answer comes from the cache does not matter. Requests that
follow each other are sent together. When a transcript ends, the sending half is closed, and
nothing more may come.
"""

import atexit
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import traceback

BIN = os.environ.get("GONGBAO_BIN", "build/check")
TMP = os.environ.get("GONGBAO_TMP", "build/tmp/wire")
PATIENCE = 60  # seconds; programs with sanitizers on a busy machine are slow


class Failure(Exception):
    pass


def skip(why):
    print(why)
    sys.exit(77)


def need(*programs):
    for name in programs:
        if not os.path.exists(f"{BIN}/{name}"):
            skip(f"{name} is not built")
    os.makedirs(TMP, exist_ok=True)


def ingest(index, *sources):
    done = subprocess.run([f"{BIN}/gongbao-ingest", "--index", index, "--conf", conf(), *sources],
                          capture_output=True, timeout=PATIENCE)
    if done.returncode != 0:
        raise Failure(f"gongbao-ingest: {done.returncode} {done.stderr.decode()}")


def conf(name="wire.conf", lines=()):
    path = f"{TMP}/{name}"
    with open(path, "w") as f:
        print(f"lexicon = {os.path.abspath(BIN)}/gongbao.lex", *lines, sep="\n", file=f)
    return path


class Daemon:
    """A running gongbaod. stop() checks that it ends well."""

    def __init__(self, *args, lines=(), name="daemon"):
        self.conf = conf(f"{name}.conf", lines)
        self.log = open(f"{TMP}/{name}.log", "wb")
        self.process = subprocess.Popen(
            [f"{BIN}/gongbaod", "--listen", "127.0.0.1:0", "--conf", self.conf, *args],
            stdout=subprocess.PIPE, stderr=self.log, stdin=subprocess.DEVNULL)
        atexit.register(self.process.kill)  # of a test that failed; does nothing once it has ended
        self.ready = self.wait_ready()
        word = dict(w.split("=", 1) for w in self.ready.split()[2:])
        host, port = word["line"].rsplit(":", 1)
        self.address = (host, int(port))

    def wait_ready(self):
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            raise Failure("the daemon does not get ready")
        line = self.process.stdout.readline().decode()
        if not line.startswith("gongbaod: ready "):
            raise Failure(f"not a ready line: {line!r} {self.text()}")
        return line

    def text(self):
        with open(self.log.name, errors="replace") as f:
            return f.read()

    def wait_log(self, text):
        wait_for(lambda: text in self.text(), f"{text!r} in the log")

    def connect(self):
        return Line(socket.create_connection(self.address, timeout=PATIENCE))

    def ask(self, request):
        """All that comes back for some lines, the connection half-closed behind them."""
        line = self.connect()
        line.send(request.encode() + b"\n")
        line.shut()
        return line.rest()

    def workers(self):
        rows = self.ask("STATS").splitlines()
        return [int(r.split("\t")[0][7:]) for r in rows if r.startswith("worker.")]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self, send=signal.SIGTERM):
        if send:
            self.process.send_signal(send)
        code = self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()
        self.log.close()
        if code != 0:
            raise Failure(f"the daemon ended with {code}: {self.text()[-3000:]}")
        if "Sanitizer" in self.text() or "runtime error" in self.text():
            raise Failure(self.text()[-3000:])


class Line:
    """One connection, read line by line."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""

    def send(self, data):
        try:
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the daemon may close first; what it said is still to be read

    def shut(self):
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def read(self):
        """The next line without its line feed; None at the end."""
        while b"\n" not in self.buffer:
            try:
                more = self.sock.recv(65536)
            except ConnectionResetError:
                raise Failure("the connection was reset")
            if not more:
                if self.buffer:
                    raise Failure(f"half a line: {self.buffer!r}")
                return None
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode()

    def rest(self):
        lines = []
        while (line := self.read()) is not None:
            lines.append(line + "\n")
        self.sock.close()
        return "".join(lines)


def wait_for(condition, what, seconds=PATIENCE, pause=0.02):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"waited {seconds} s for {what}")
        time.sleep(pause)


def expect(condition, what):
    if not condition:
        raise Failure(what)


# ---- transcripts ----

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


def run(tests):
    """Run functions; print one line each; exit with 1 when one failed."""
    failed = 0
    for test in tests:
        try:
            test()
            print(f"ok   {test.__doc__}")
        except (Failure, OSError, subprocess.TimeoutExpired) as problem:
            failed += 1
            print(f"FAIL {test.__doc__}\n    {problem}")
        except Exception:  # an answer of another shape than expected: the tests behind it run too
            failed += 1
            print(f"FAIL {test.__doc__}\n{traceback.format_exc()}")
    sys.exit(1 if failed else 0)
