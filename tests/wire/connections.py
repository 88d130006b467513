# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections: silent, too many, slow, half closed, reset."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import time

import wire
from wire import Daemon, expect, held, wait_for

wire.need("gongbaod", "gongbao-ingest", "gongbao.lex")
INDEX = wire.make_index()


def idle_connections():
    """a silent connection is told and closed, one that waits for an answer is not"""
    d = Daemon("--index", INDEX, "--workers", "1", lines=["line.idle_ms = 1s"])
    silent = d.connect()
    pid, waiting = d.hold("COUNT 值守")
    expect(silent.read().startswith("408 deadline message="), "not told")
    expect(silent.read() is None, "not closed")
    os.kill(pid, signal.SIGCONT)
    expect(waiting.read().startswith("200 count n=1 "), "closed while it waited")
    silent.sock.close()
    waiting.sock.close()
    d.stop()


def too_many_connections():
    """over the limit of connections: 429 and a close, also when the client goes on to send"""
    d = Daemon("--index", INDEX, "--workers", "1", lines=["line.max_connections = 2"])
    held_open = [d.connect(), d.connect()]
    for line in held_open:
        line.send(b"PING\n")
        expect(line.read() == "200 pong", "no pong")
    for _ in range(20):
        over = d.connect()
        over.sock.sendall(b"PING\n" * 1000)
        time.sleep(0.01)
        over.sock.sendall(b"PING\n" * 1000)
        expect(over.read() == "429 busy retry_ms=1000 message=too many connections", "not told")
        expect(over.read() is None, "not closed")
        over.sock.close()
    for line in held_open:
        line.sock.close()
    wait_for(lambda: d.ask("PING") == "200 pong\n", "a free place")
    d.stop()


def replies_not_read():
    """2,000 requests before the first reply is read: all are answered, in order"""
    d = Daemon("--index", INDEX, "--workers", "2")
    line = d.connect()
    line.sock.setblocking(False)
    todo = b"".join(b"@%d HELP\n" % i for i in range(2000))
    sent = 0
    while sent < len(todo):
        try:
            sent += line.sock.send(todo[sent:])
        except BlockingIOError:
            break
    line.sock.settimeout(wire.PATIENCE)
    time.sleep(0.3)
    if sent < len(todo):  # the daemon does not read on: read now, then send the rest
        seen = line.sock.recv(65536)
        line.buffer += seen
    heads = []
    while len(heads) < 2000:
        if sent < len(todo):
            line.sock.setblocking(False)
            try:
                sent += line.sock.send(todo[sent:])
            except BlockingIOError:
                pass
            line.sock.settimeout(wire.PATIENCE)
        text = line.read()
        if text.startswith("210 "):
            heads.append(text)
    expect(heads == [f"210 @{i} help" for i in range(2000)], "out of order")
    line.sock.close()
    d.stop()


def connections_that_go():
    """a connection reset with requests in flight and waiting costs nobody anything"""
    d = Daemon("--index", INDEX, "--workers", "1")
    pid = held(d.workers()[0])
    linger = struct.pack("ii", 1, 0)  # close() resets
    for _ in range(20):
        line = d.connect()
        line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        line.send("COUNT 值守\n".encode() * 10)
        time.sleep(0.01)
        line.sock.close()
    os.kill(pid, signal.SIGCONT)
    expect(d.ask("COUNT 值守").startswith("200 count n=1 "), "no answer")
    wait_for(lambda: d.counter("connections.open") == 1 and d.counter("queue") == 0, "nothing to be left")
    d.stop()


def a_byte_at_a_time():
    """a request that arrives byte by byte, characters cut in two"""
    d = Daemon("--index", INDEX, "--workers", "1")
    line = d.connect()
    line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in "@x COUNT 值守\r\n".encode():
        line.send(bytes([byte]))
        time.sleep(0.005)
    expect(line.read().startswith("200 @x count n=1 "), "not understood")
    line.sock.close()
    d.stop()


def netcat():
    """nc -N gets its replies and ends"""
    if not shutil.which("nc"):
        return
    d = Daemon("--index", INDEX, "--workers", "1")
    done = subprocess.run(["nc", "-N", d.address[0], str(d.address[1])], timeout=wire.PATIENCE,
                          input="COUNT 值守\nPING".encode(), capture_output=True)
    expect(done.stdout.decode().splitlines()[1] == "200 pong", str(done))
    d.stop()


wire.run([idle_connections, too_many_connections, replies_not_read, connections_that_go,
          a_byte_at_a_time, netcat])
