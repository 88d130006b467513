# SPDX-License-Identifier: GPL-2.0-or-later
"""Small plots side by side, as one SVG: each has its points, a line through them, and perhaps a
straight line to compare with."""

WIDTH, HEIGHT = 300, 250  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 52, 24, 46, 44
INK, SOFT, GRID, LINE, STRAIGHT = "#222", "#666", "#e4e4e4", "#1565a7", "#c0504d"


def step_for(high, wanted):
    """A round distance between ticks, so that there are about as many as wanted."""
    unit = 1.0
    while unit * 10 <= high / wanted:
        unit *= 10
    while unit > high / wanted:
        unit /= 10
    return min((unit * k for k in (1, 2, 5, 10)), key=lambda step: abs(high / step - wanted))


def ticks(high, wanted):
    step = step_for(high, wanted)
    return [i * step for i in range(int(high / step + 1e-9) + 1)]


def number(value):
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def text(x, y, words, anchor="middle", size=11, fill=SOFT, weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{fill}"'
            f' font-weight="{weight}">{words}</text>')


def segment(x1, y1, x2, y2, colour, extra=""):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"'
            f' stroke-width="1.2"{extra}/>')


class Panel:
    """Where the values of one plot are on the picture."""

    def __init__(self, left, points, high):
        self.left, self.points = left, points
        self.right_value = points[-1][0] * 1.04
        self.high = high * 1.12

    def x(self, value):
        return self.left + LEFT + (WIDTH - LEFT - RIGHT) * value / self.right_value

    def y(self, value):
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.high)


def axes(p, title, unit):
    end = p.left + WIDTH - RIGHT
    out = [text(p.x(0), 20, title, "start", 13, INK, "bold"), text(p.x(0), 36, unit, "start")]
    for value in ticks(p.high, 5):
        out += [segment(p.x(0), p.y(value), end, p.y(value), GRID),
                text(p.x(0) - 6, p.y(value) + 4, number(value), "end")]
    for value in ticks(p.right_value, 3):
        out += [segment(p.x(value), p.y(0), p.x(value), p.y(0) + 4, SOFT),
                text(p.x(value), p.y(0) + 17, number(value))]
    out += [segment(p.x(0), p.y(0), end, p.y(0), SOFT),
            text((p.x(0) + end) / 2, p.y(0) + 34, "documents")]
    return out


def curve(p):
    places = " ".join(f"{p.x(x):.1f},{p.y(y):.1f}" for x, y in p.points)
    out = [f'<polyline points="{places}" fill="none" stroke="{LINE}" stroke-width="2"/>']
    for x, y in p.points:
        out.append(f'<circle cx="{p.x(x):.1f}" cy="{p.y(y):.1f}" r="3.2" fill="{LINE}"/>')
    return out


def panel(left, title, unit, points, straight, meaning):
    """`straight` is a height to draw a level line at, or None for one from zero to the last point."""
    high = max([y for _, y in points] + [straight or 0])
    p = Panel(left, points, high)
    x, y = points[-1]
    ends = (0, straight, x, straight) if straight else (0, 0, x, y)
    place = (p.x(0) + 6, p.y(straight) + 15, "start") if straight else (p.x(x), p.y(y * 0.3), "end")
    return axes(p, title, unit) + [
        segment(p.x(ends[0]), p.y(ends[1]), p.x(ends[2]), p.y(ends[3]), STRAIGHT,
                ' stroke-dasharray="5 4"'),
        text(*place[:2], meaning, place[2], 11, STRAIGHT),
        *curve(p),
        text(p.x(x), p.y(y) - 8, number(y), "end", 11, LINE, "bold")]


def svg(panels):
    """panels: (title, unit, [(x, y)], straight, what the straight line means)."""
    width = WIDTH * len(panels)
    body = [part for i, one in enumerate(panels) for part in panel(i * WIDTH, *one)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}"'
        f' height="{HEIGHT}" font-family="sans-serif">',
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>', *body, "</svg>", ""])
