# SPDX-License-Identifier: GPL-2.0-or-later
"""Start a real daemon on a port of its own, speak to it, and hold its processes. For the tests of this
folder: each is a list of functions that run() runs, whose first lines say what holds."""

import atexit
import json
import os
import random
import select
import shutil
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


def program(name, *args):
    """Run one of the programs to its end."""
    return subprocess.run([f"{BIN}/{name}", *args], capture_output=True, text=True, timeout=PATIENCE)


def ingest(index, *sources):
    done = program("gongbao-ingest", "--index", index, "--conf", conf(), *sources)
    if done.returncode != 0:
        raise Failure(f"gongbao-ingest: {done.returncode} {done.stderr}")


def make_index(name="main", *sources):
    """An index made anew, of the bulletins beside this file unless others are named."""
    index = f"{TMP}/{name}"
    shutil.rmtree(index, ignore_errors=True)
    ingest(index, *(sources or ["tests/wire/bulletins.jsonl"]))
    return index


def write_bulletins(name, *bulletins):
    """A file with these bulletins, each as the members of an object."""
    path = f"{TMP}/{name}"
    with open(path, "w", encoding="utf-8") as f:
        for bulletin in bulletins:
            print(json.dumps(bulletin, ensure_ascii=False), file=f)
    return path


def random_bulletins():
    """A file of 2,000 bulletins of 300 random characters and a comma, nearly a quarter of them with 一."""
    lot = random.Random(1)
    return write_bulletins("many.jsonl", *(
        {"id": f"d{i}", "body": "".join(chr(lot.randrange(0x4e00, 0x5200)) for _ in range(300)) + "，"}
        for i in range(2000)))


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

    def stats(self):
        """The rows of STATS by their first column."""
        rows = [row.split("\t") for row in self.ask("STATS").splitlines()[1:-1]]
        return {row[0]: row[1:] for row in rows}

    def counter(self, name):
        return int(self.stats()[name][0])

    def workers(self):
        return [int(name[7:]) for name in self.stats() if name.startswith("worker.")]

    def hold(self, *requests):
        """Stop the only worker and send these requests: it has the first, the others wait. The worker
        and the connection."""
        line, pid = self.connect(), held(self.workers()[0])
        expect(self.ask("PING") == "200 pong\n", "no pong")
        line.send("".join(f"{request}\n" for request in requests).encode())
        expect(self.ask("PING") == "200 pong\n", "no pong")  # who came later is served: they are taken
        return pid, line

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


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def held(pid):
    """Stop a process and wait until it stands still."""
    os.kill(pid, signal.SIGSTOP)

    def stopped():
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "T"
    wait_for(stopped, "a worker to stop")
    return pid


def wait_for(condition, what, seconds=PATIENCE, pause=0.02):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"waited {seconds} s for {what}")
        time.sleep(pause)


def expect(condition, what):
    if not condition:
        raise Failure(what)


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
