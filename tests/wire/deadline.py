# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests made to take long, each over before its deadline and a little more: a hundred queries, and
every verb that looks into the index.

    deadline.py [INDEX]

Without an index of its own it makes one of random bulletins in which every character is frequent. What is
late is asked again, twice: a machine that is busy is late now and then, a loop that does not look at the
clock always.
"""

import itertools
import json
import random
import sys
import time

import wire

wire.need("gongbaod", "gongbao-ingest", "gongbao.lex")
DEADLINE = 0.05  # seconds
TRIES = 3
LETTERS = "zhongguorenminjiefangjunhuojianjunzhanlvezhiyuan"
FREQUENT = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严龙飞"


def bad_queries():
    """What may take long: many frequent terms, wildcards, brackets, negations, near, fields."""
    random.seed(5)
    few = FREQUENT[:60]
    yield from ("的 OR 是 OR 一*", "的 OR 是 OR 一", "一*", "a*", "-的", "-的 -一 -是", "*", '"，"', '"。" "，" "、"',
                "的 ~9 一", "title:的", "title:一*", "url:h", "id:a*", "date:0001..9999", "(的|一) (是|不) (在|有)")
    for n in (8, 16, 32):
        yield " ".join(few[:n])
        yield " OR ".join(few[:n])
        yield " OR ".join(c + "*" for c in few[:n])
        yield " ".join(f'"{c}"' for c in few[:n])
        yield " ".join("-" + c for c in few[:n])
        yield "的 ~5 " + " ~5 ".join(few[:n])
        yield "".join(few[:n])
        yield "(" * 8 + "|".join(few[:n]) + ")" * 8
    while True:
        parts = []
        for _ in range(random.randrange(1, 12)):
            word = "".join(random.choice(few) for _ in range(random.choice((1, 1, 1, 2, 4))))
            parts.append(random.choice(("%s", "%s", '"%s"', "%s*", "-%s", "title:%s", "(%s|的)", "%s ~9 一"))
                         % word)
        yield random.choice((" ", " OR ")).join(parts)


def random_index():
    index, source = f"{wire.TMP}/frequent", f"{wire.TMP}/frequent.jsonl"
    random.seed(6)
    with open(source, "w", encoding="utf-8") as f:
        for i in range(4000):
            body = "".join(random.choice(FREQUENT[:120]) for _ in range(400))
            print(json.dumps({"id": f"a{i}", "body": body + "，。", "date": f"20{i % 90 + 10}-01-01"}),
                  file=f)
    wire.ingest(index, source)
    return index


def other_requests(some_id):
    """The verbs, and what SEARCH can be asked for beside hits, each of very many documents."""
    most = " OR ".join(FREQUENT[:12])
    yield from (f"SEARCH {options} {most}" for options in (
        "collapse=near", "collapse=near offset=3000 limit=1", "offset=3900", "sort=-date limit=100",
        "facet=issuer,year,month,tag,who", "facet=who collapse=near snippet=full limit=100"))
    yield from (f"{verb} {text}" for verb in ("COUNT", "TREND", "TREND by=year", "KWIC", "KWIC offset=3000", "FIRST",
                                              "EXPLAIN", "EXPLAIN facet=who collapse=near", f"WHY id={some_id}",
                                              f"WHY id={some_id} facet=who collapse=near")
                for text in ("的", most, "的一是在"))
    yield from (f"SIMILAR id={some_id}", f"SIMILAR limit=100 id={some_id}")
    yield from (f"{verb} {text}" for verb in ("SUGGEST", "SPELL", "SEARCH")
                for text in (LETTERS, "zsc" * 16, "的", FREQUENT[:24], " ".join([LETTERS] * 8)))


def slack():
    """How late an answer may be: a moment, and with sanitizers a longer one."""
    with open(f"{wire.BIN}/gongbaod", "rb") as f:
        return 0.5 if b"__asan_init" in f.read() else 0.1


class Asker:
    """Asks requests, notes how each went, and checks that each is in time."""

    def __init__(self, daemon):
        self.line, self.slack = daemon.connect(), slack()
        self.codes, self.worst = {}, (0, "")

    def ask(self, verb, text):
        begun = time.monotonic()
        self.line.send(f"{verb} fmt=json deadline_ms={int(DEADLINE * 1000)} {text}\n".encode())
        reply = json.loads(self.line.read())
        return time.monotonic() - begun, reply

    def expect_in_time(self, request):
        took = DEADLINE + self.slack
        for _ in range(TRIES):
            if took >= DEADLINE + self.slack:
                took, reply = self.ask(*request.split(" ", 1))
        self.worst = max(self.worst, (took, request))
        code = "partial" if reply.get("partial") else reply["code"]
        self.codes[code] = self.codes.get(code, 0) + 1
        wire.expect(code in (200, 210, 408, 422, "partial"), f"{request}: {reply}")
        wire.expect(took < DEADLINE + self.slack, f"{request}: {took:.2f} s, {TRIES} times")

    def end(self):
        print(f"     {self.codes}, the longest {self.worst[0] * 1000:.0f} ms: {self.worst[1][:60]}")
        self.line.sock.close()


def each_in_time(requests):
    index = sys.argv[1] if len(sys.argv) > 1 else random_index()
    d = wire.Daemon("--index", index, "--workers", "1", name="deadline",
                    lines=["worker.kill_ms = 10s", "cache.bytes = 0"])
    asker = Asker(d)
    for request in requests(json.loads(d.ask("SEARCH fmt=json limit=1 的"))["hits"][0]["id"]):
        asker.expect_in_time(request)
    asker.end()
    wire.expect("workers.killed\t0" in d.ask("STATS"), "a worker was killed")
    d.stop()


def queries_are_in_time():
    """every query is over in time: answered, partial or 408, and no worker is killed"""
    each_in_time(lambda _: (f"SEARCH {query}" for query in itertools.islice(bad_queries(), 100)))


def verbs_are_in_time():
    """so is whatever else can be asked for"""
    each_in_time(other_requests)


wire.run([queries_are_in_time, verbs_are_in_time])
