# SPDX-License-Identifier: GPL-2.0-or-later
"""Workers that are killed, held or cannot be started, and requests that wait for one. A worker is held
with SIGSTOP where a test needs a request in flight."""

import json
import os
import resource
import select
import signal
import time

import wire
from wire import Daemon, expect, gone, wait_for

wire.need("gongbaod", "gongbao-ingest", "gongbao", "gongbao.lex", "base.lex")
INDEX = wire.make_index()


def a_killed_worker_costs_one_request():
    """a worker killed with a request costs that request alone"""
    d = Daemon("--index", INDEX, "--workers", "1")
    pid, line = d.hold("@1 COUNT 值守", "@2 COUNT 值守")
    line.send(b"@3 PING\n")
    os.kill(pid, signal.SIGKILL)
    expect(line.read() == "500 @1 internal message=the worker that ran it died", "no 500")
    expect(line.read().startswith("200 @2 count n=1 "), "the next request failed too")
    expect(line.read() == "200 @3 pong", "no pong")
    line.sock.close()
    expect(d.workers() not in ([], [pid]), "not replaced")
    d.stop()


def an_idle_worker_is_replaced():
    """workers killed while idle, twenty times, are replaced and nobody notices"""
    d = Daemon("--index", INDEX, "--workers", "2", lines=["cache.bytes = 0"])
    wait_for(lambda: len(d.workers()) == 2, "two workers")
    descriptors = d.descriptors()
    for _ in range(20):
        try:
            os.kill(d.workers()[0], signal.SIGKILL)
        except (ProcessLookupError, IndexError):
            pass  # of the last round, and not yet missed, or not yet replaced
        expect(d.ask("COUNT 值守").startswith(("200 count n=1 ", "500 ")), "no answer")
    wait_for(lambda: len(d.workers()) == 2, "two workers")
    wait_for(lambda: d.descriptors() == descriptors, "descriptors to be closed")
    d.stop()


def a_long_request_goes_to_a_worker_in_pieces():
    """a request longer than a socket takes at once arrives whole, and one cut short costs itself alone"""
    d = Daemon("--index", INDEX, "--workers", "1",
               lines=["line.max_bytes = 1M", "search.max_bytes = 1M", "cache.bytes = 0",
                      "deadline_ms = 60s", "worker.kill_ms = 61s"])
    long = "COUNT 值守" + " " * 1000000 + "值守\n"
    line = d.connect()
    line.send(long.encode())
    expect(line.read().startswith("200 count n=1 "), "not whole")

    def cut_short():
        """Kill the worker while it is being sent to; it may be killed too early."""
        wait_for(lambda: len(d.workers()) == 1, "a worker")
        pid = d.workers()[0]
        os.kill(pid, signal.SIGSTOP)
        line.send(f"@1 {long}@2 COUNT 值守\n".encode())
        time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        first, second = line.read(), line.read()
        expect(second.startswith("200 @2 count n=1 "), "the next request failed too")
        return first.startswith("500 @1 ")

    wait_for(cut_short, "a request that is cut short")
    line.sock.close()
    d.stop()


def an_overrun_is_408_and_a_full_queue_429():
    """a worker that overruns is killed (408); what finds the queue full is told so (429)"""
    d = Daemon("--index", INDEX, "--workers", "1",
               lines=["worker.kill_ms = 6s", "deadline_ms = 5900", "queue.max = 1"])
    _, line = d.hold("@1 COUNT 值守")
    time.sleep(4)  # so that what waits has time left when the worker is killed
    line.send("@2 COUNT 值守\n@3 COUNT fmt=json 值守\n".encode())
    expect(line.read().startswith("408 @1 deadline message="), "no 408")
    expect(line.read().startswith("200 @2 count n=1 "), "what waited was lost")
    third = line.read()
    expect(third.startswith('{"code":429,"name":"busy","tag":"3","retry_ms":'), third)
    line.sock.close()
    d.stop()


def waiting_too_long_is_408():
    """a request that finds no worker before its deadline is answered 408"""
    d = Daemon("--index", INDEX, "--workers", "1", lines=["deadline_ms = 300"])
    pid, line = d.hold("COUNT 值守")
    expect(d.ask("COUNT 值守") == "408 deadline message=no worker became free in time\n", "no 408")
    os.kill(pid, signal.SIGCONT)
    line.read()
    line.sock.close()
    d.stop()


def each_waits_until_its_own_deadline():
    """a request with a short deadline is not kept by those that wait before it with longer ones"""
    d = Daemon("--index", INDEX, "--workers", "1",
               lines=["deadline_ms = 60s", "worker.kill_ms = 120s", "cache.bytes = 0"])
    pid, line = d.hold("@1 COUNT 值守", "@2 COUNT 值守", "@3 COUNT deadline_ms=20000 值守")
    begun = time.monotonic()
    expect(d.ask("COUNT deadline_ms=50 值守").startswith("408 deadline "), "no 408")
    took = time.monotonic() - begun
    expect(took < 10, f"answered after {took:.1f} s")
    os.kill(pid, signal.SIGCONT)
    for tag in "@1", "@2", "@3":
        expect(line.read().startswith(f"200 {tag} count n=1 "), f"{tag} was lost")
    line.sock.close()
    d.stop()


def one_of_two_held(d):
    """Hold the worker that has a request, while the other one is free: its process and the connection."""
    line = d.connect()
    for pid in d.workers():
        wire.held(pid)
        line.send("@1 COUNT 值守\n".encode())
        if not select.select([line.sock], [], [], 2)[0]:
            return pid, line
        line.read()
        os.kill(pid, signal.SIGCONT)
    raise wire.Failure("no worker was given the request")


def replies_that_wait_count():
    """replies that are done and wait for one before them keep further requests from being taken"""
    d = Daemon("--index", INDEX, "--workers", "2",
               lines=["line.out_bytes = 4K", "cache.bytes = 0", "deadline_ms = 60s",
                      "worker.kill_ms = 120s"])
    wait_for(lambda: len(d.workers()) == 2, "two workers")
    pid, line = one_of_two_held(d)
    line.send(b"HELP\n" * 12)
    expect(d.ask("PING") == "200 pong\n", "no pong")
    taken = json.loads(d.ask("STATS fmt=json"))["requests"]["help"]
    expect(0 < taken < 6, f"{taken} of 12 were taken")
    os.kill(pid, signal.SIGCONT)
    line.shut()
    text = line.rest()
    expect(text.startswith("200 @1 count n=1 "), "the first was lost")
    expect(text.count("210 help") == 12, "not all were answered")
    d.stop()


def no_worker_can_be_started():
    """while no worker can be started, requests are answered at once with the reason"""
    d = Daemon("--index", INDEX, "--workers", "1",
               lines=["deadline_ms = 60s", "worker.kill_ms = 61s"])
    worker, line = d.hold("@1 COUNT 值守", "@2 COUNT 值守")
    limits = resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    os.kill(worker, signal.SIGKILL)
    expect(line.read().startswith("500 @1 internal "), "no 500")
    said, why = line.read(), "no-worker message=no worker can be started: cannot start a worker: "
    expect(said.startswith(f"503 @2 {why}"), said)
    line.send("@3 COUNT 值守\n@4 PING\n".encode())
    said = line.read()
    expect(said.startswith(f"503 @3 {why}"), said)
    expect(line.read() == "200 @4 pong", "no pong")
    resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE, limits)
    line.send("@5 COUNT 值守\n".encode())
    while line.read().startswith("503 "):
        time.sleep(0.2)
        line.send("@5 COUNT 值守\n".encode())
    wait_for(lambda: d.ask("COUNT 值守").startswith("200 count n=1 "), "it to serve again")
    line.sock.close()
    d.stop()


def a_worker_that_hangs_at_its_start():
    """a worker that does not get ready is killed, and the reload that it was tried for refused"""
    d = Daemon("--index", INDEX, "--workers", "1")
    slow = f"{wire.TMP}/slow.stopwords"  # 900 KB to read: time in which it can be stopped
    with open(slow, "w", encoding="utf-8") as f:
        for i in range(70000):
            print("".join(chr(0x4e00 + i // n % 100) for n in (1, 100, 10000)) + "甲", file=f)
    wire.conf("daemon.conf", ["worker.start_ms = 500", f"stopwords = {slow}"])

    def children():
        with open(f"/proc/{d.process.pid}/task/{d.process.pid}/children") as f:
            return {int(pid) for pid in f.read().split()}

    def hangs():
        before = children()
        d.hang_up()
        wait_for(lambda: children() - before, "a new worker", pause=0)
        pid = min(children() - before)
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: d.text().count("reloaded") + d.text().count("reload-refused") == tries,
                 "the end of the reload")
        if "no worker could use it" in d.text():
            return True
        os.kill(pid, signal.SIGKILL)  # it was ready before it could be stopped
        return False
    tries = 1
    while not hangs():
        expect(tries < 100, "none can be stopped in time")
        tries += 1
    wire.conf("daemon.conf")
    reloads = d.text().count("info reloaded")
    d.hang_up()
    wait_for(lambda: d.text().count("info reloaded") > reloads, "a reload")
    expect(d.ask("COUNT 值守").startswith("200 count n=1 "), "it does not serve any more")
    d.stop()


def workers_die_with_the_daemon():
    """kill -9 of the daemon leaves no worker"""
    d = Daemon("--index", INDEX, "--workers", "3")
    workers = d.workers()
    d.process.kill()
    d.process.wait()
    d.process.stdout.close()
    d.log.close()
    wait_for(lambda: all(gone(pid) for pid in workers), "the workers to end")


wire.run([a_killed_worker_costs_one_request, an_idle_worker_is_replaced,
          a_long_request_goes_to_a_worker_in_pieces,
          an_overrun_is_408_and_a_full_queue_429, waiting_too_long_is_408,
          each_waits_until_its_own_deadline, replies_that_wait_count, no_worker_can_be_started,
          a_worker_that_hangs_at_its_start, workers_die_with_the_daemon])
