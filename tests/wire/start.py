# SPDX-License-Identifier: GPL-2.0-or-later
"""How the daemon is started: its socket, its configuration, its addresses."""

import os
import socket

import wire
from wire import Daemon, expect

wire.need("gongbaod", "gongbao-ingest", "gongbao.lex")
INDEX = wire.make_index()


def gongbaod(*args):
    done = wire.program("gongbaod", *args)
    return done.returncode, done.stderr


def unix_socket():
    """a Unix socket: answers, replaces a stale file, not a living daemon, and is removed"""
    path = os.path.relpath(f"{wire.TMP}/socket")  # 107 bytes is the most
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(path)
    stale.close()
    d = Daemon("--index", INDEX, "--unix", path, "--workers", "1")
    expect(f"unix={path}" in d.ready, d.ready)
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(wire.PATIENCE)
    s.connect(path)
    line = wire.Line(s)
    line.send(b"PING\n")
    expect(line.read() == "200 pong", "no pong")
    s.close()
    code, said = gongbaod("--index", INDEX, "--unix", path, "--conf", d.conf)
    expect(code == 4 and "another program answers there" in said, f"{code} {said}")
    d.stop()
    expect(not os.path.exists(path), "the file is left")
    with open(path, "w"):
        pass
    code, said = gongbaod("--index", INDEX, "--unix", path, "--conf", d.conf)
    expect(code == 4 and "no socket" in said and os.path.exists(path), f"{code} {said}")
    os.unlink(path)


def check_only():
    """--check: file, line and what was expected; 0 for a good file"""
    good = wire.conf("good.conf", [f"index = {INDEX}"])
    expect(gongbaod("--check", "--conf", good) == (0, ""), "a good file is refused")
    for number, bad in enumerate(["line.max_byte = 8K", "workers = many", "listen = 7311",
                                  "worker.kill_ms = -1"]):
        path = wire.conf(f"bad{number}.conf", [f"index = {INDEX}", bad])
        code, said = gongbaod("--check", "--conf", path)
        expect(code == 2 and f"{path}:3: " in said, f"{bad}: {code} {said}")
    code, said = gongbaod("--check", "--conf", wire.conf("none.conf"))
    expect(code == 2 and "no index" in said, f"{code} {said}")
    code, said = gongbaod("--check", "--conf", good, "--lexicon", "/nonexistent.lex")
    expect(code == 2 and "/nonexistent.lex" in said, f"{code} {said}")
    for how in ([], ["--check"]):
        code, said = gongbaod("--conf", "/nonexistent.conf", *how)
        expect(code == 2 and "/nonexistent.conf" in said, f"{code} {said}")
    long = wire.conf("long.conf", [f"index = {INDEX}", "unix = /" + "x" * 107])
    code, said = gongbaod("--check", "--conf", long)
    expect(code == 2 and f"{long}:3: unix: " in said and " 107 bytes" in said, f"{code} {said}")
    code, said = gongbaod("--check", "--conf", good, "--unix", "/" + "x" * 107)
    expect(code == 2 and " 107 bytes" in said, f"{code} {said}")
    expect(gongbaod("--check", "--conf", good, "--unix", "/" + "x" * 106) == (0, ""), "107 bytes")
    expect(gongbaod("--nonsense")[0] == 2 and gongbaod("x")[0] == 2, "a wrong command line")


def addresses():
    """an address in use ends with 4, a lexicon that is missing too"""
    d = Daemon("--index", INDEX, "--workers", "1")
    code, said = gongbaod("--index", INDEX, "--conf", d.conf, "--listen",
                          f"127.0.0.1:{d.address[1]}")
    expect(code == 4 and "cannot listen on" in said, f"{code} {said}")
    d.stop()
    code, said = gongbaod("--index", INDEX, "--lexicon", "/nonexistent.lex", "--listen",
                          "127.0.0.1:0")
    expect(code == 4 and "/nonexistent.lex" in said, f"{code} {said}")


wire.run([unix_socket, check_only, addresses])
