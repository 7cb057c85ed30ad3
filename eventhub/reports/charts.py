"""The few kinds of charts that reports need, as marks: bars, columns by year, a matrix, a curve with its doubt.

Every length starts at zero, every value is written beside its mark, and nothing depends on colour: what is confirmed is
filled, what is only reported is an outline.
"""

from collections.abc import Sequence

from flask_babel import gettext as _

from eventhub.reports import picture
from eventhub.reports.picture import Mark, Picture
from eventhub.reports.survival import DAYS_A_MONTH, Step, at

WIDTH = 760.0


def bars(title: str, rows: Sequence[tuple[str, int, int]], words: tuple[str, str]) -> Picture | None:
    """A filled bar and beside it an outlined one for each (label, n, n beside); ``words`` name the two."""
    rows = rows[:20]
    most = max((max(n, beside) for _label, n, beside in rows), default=0)
    if not most:
        return None
    label, scale, marks, y = 240.0, (WIDTH - 240 - 60) / most, [], 24.0
    marks += _key(label, words)
    for name, n, beside in rows:
        marks.append(picture.text(label - 10, y + 13, picture.shortened(name, 32), "t", "end"))
        marks += [picture.rect(label, y, n * scale, 11, "c-n", f"{name}: {n} {words[0]}")]
        marks += [picture.text(label + n * scale + 5, y + 10, str(n), "t-strong")]
        if words[1]:
            marks += [
                picture.rect(label, y + 13, beside * scale, 7, "c-beside", f"{name}: {beside} {words[1]}")
            ] * bool(beside)
            marks += [picture.text(label + beside * scale + 5, y + 21, str(beside), "t-note")] * bool(beside)
        y += 34 if words[1] else 22
    marks.append(picture.line(label, 20, label, y - 4, "c-axis"))
    says = "; ".join(f"{name} {n}" for name, n, _beside in rows)
    return Picture(title, says, WIDTH, y, tuple(marks))


def _key(x: float, words: tuple[str, str]) -> list[Mark]:
    """What filled and outlined mean, as a line above."""
    if not words[1]:
        return []
    second = x + 26 + picture.width_of(words[0], 11) + 24
    return [
        picture.rect(x, 4, 16, 9, "c-n"),
        picture.text(x + 21, 12, words[0], "t-note"),
        picture.rect(second, 4, 16, 9, "c-beside"),
        picture.text(second + 21, 12, words[1], "t-note"),
    ]


def columns(title: str, rows: Sequence[tuple[str, int | None, int | None]], words: tuple[str, str]) -> Picture | None:
    """Two columns for each (label, n, n beside); a label with None is a year without a meeting, and is seen as such."""
    values = [value for _label, *pair in rows for value in pair if value is not None]
    most = max(values, default=0)
    if not most:
        return None
    height, base, step = 150.0, 180.0, min(90.0, (WIDTH - 20) / len(rows))
    marks, x = _key(10, words), 10.0
    for label, n, beside in rows:
        if n is None:
            marks.append(picture.rect(x + step * 0.12, base - height, step * 0.76, height, "c-gap", _("no meeting")))
            marks.append(picture.text(x + step / 2, base - 8, _("none"), "t-note", "middle"))
        else:
            for place, (value, kind) in enumerate(((n, "c-n"), (beside or 0, "c-beside"))):
                left, tall = x + step * (0.14 + 0.36 * place), height * value / most
                if value:
                    marks.append(picture.rect(left, base - tall, step * 0.33, tall, kind, f"{label}: {value}"))
                if value or not place:
                    marks.append(picture.text(left + step * 0.165, base - tall - 4, str(value), "t-note", "middle"))
        marks.append(picture.text(x + step / 2, base + 16, label, "t", "middle"))
        x += step
    marks.append(picture.line(10, base, x, base, "c-axis"))
    says = "; ".join(f"{label}: {_('no meeting') if n is None else n}" for label, n, _beside in rows)
    return Picture(title, says, max(x + 10, 360), base + 26, tuple(marks))


def matrix(title: str, rows: Sequence[str], across: Sequence[str], cells: dict[tuple[str, str], int]) -> Picture | None:
    """Numbers in a grid, each in a square that is darker the more there are; empty where there is none."""
    if not rows or not across or not cells:
        return None
    left = min(300.0, 18 + max(1.1 * picture.width_of(picture.shortened(row, 42), 12) for row in rows))
    side, most, marks = min(44.0, (WIDTH - left) / len(across)), max(cells.values()), []
    for k, name in enumerate(across):
        marks.append(picture.text(left + side * (k + 0.5), 16, name, "t-note", "middle"))
    for r, row in enumerate(rows):
        y = 24 + 28 * r
        marks.append(picture.text(left - 8, y + 18, picture.shortened(row, 42), "t", "end"))
        for k, name in enumerate(across):
            n = cells.get((row, name), 0)
            marks.append(picture.rect(left + side * k, y, side - 2, 26, "c-none", f"{row}, {name}: {n}"))
            if n:
                marks.append(
                    Mark(
                        "rect",
                        {
                            "x": picture.n(left + side * k),
                            "y": y,
                            "width": picture.n(side - 2),
                            "height": 26,
                            "fill-opacity": round(0.2 + 0.4 * n / most, 2),
                        },
                        "c-n",
                    )
                )
                marks.append(picture.text(left + side * (k + 0.5) - 1, y + 18, str(n), "t-strong", "middle"))
    says = "; ".join(f"{row} – {name} {n}" for (row, name), n in cells.items())
    return Picture(title, says, left + side * len(across) + 10, 28 + 28 * len(rows), tuple(marks))


Counts = tuple[int, int] | None  # at least and at most; None: not yet
Words = tuple[str, str, str]  # for what is sure, for what is perhaps, for what cannot be known yet


def shares(
    title: str, across: Sequence[str], rows: Sequence[tuple[str, int, Sequence[Counts]]], words: Words
) -> Picture | None:
    """Lines of small bars, each a part of its line's whole: (label, whole, counts across). What is sure is filled, what is
    perhaps is an outline that goes on from it, what cannot be known yet is a dashed gap."""
    if not rows or not across:
        return None
    left, gap = 256.0, 14.0
    side = (WIDTH - left - gap * (len(across) - 1)) / len(across)
    marks, y = [*_key(left, words[:2]), *_gap_key(left, words)], 44.0
    marks += [picture.text(left + k * (side + gap), 36, name, "t-note") for k, name in enumerate(across)]
    for label, whole, counts in rows:
        marks.append(picture.text(left - 12, y + 14, picture.shortened(label, 35), "t", "end"))
        marks.append(picture.text(left - 12, y + 29, _("%(n)d confirmed", n=whole), "t-note", "end"))
        for k, found in enumerate(counts):
            marks += _share(left + k * (side + gap), y, side, whole, found, f"{label}, {across[k]}", words)
        y += 44
    says = "; ".join(
        f"{label}: " + ", ".join(f"{name} {_range(found, words)}" for name, found in zip(across, counts, strict=True))
        for label, _whole, counts in rows
    )
    return Picture(title, says, WIDTH, y, tuple(marks))


def _share(x: float, y: float, wide: float, whole: int, found: Counts, label: str, words: Words) -> list[Mark]:
    """One bar with its number below."""
    says = f"{label}: {_range(found, words)}"
    if found is None:
        return [picture.rect(x, y + 3, wide, 12, "c-gap", says), picture.text(x, y + 29, words[2], "t-note")]
    sure, perhaps = found
    doubt = picture.rect(x, y + 3, wide * perhaps / whole, 12, "c-beside", f"{says}, {words[1]}")
    return [
        picture.rect(x, y + 3, wide, 12, "c-none"),
        *([doubt] if perhaps > sure else []),
        picture.rect(x, y + 3, wide * sure / whole, 12, "c-n", says),
        picture.line(x, y, x, y + 18, "c-axis"),
        picture.text(x, y + 29, _("%(n)s of %(of)d", n=_range(found, words), of=whole), "t-note"),
    ]


def _range(found: Counts, words: Words) -> str:
    if found is None:
        return words[2]
    return str(found[0]) if found[0] == found[1] else f"{found[0]}–{found[1]}"


def _gap_key(x: float, words: Words) -> list[Mark]:
    """What a dashed gap means, behind the other two words above."""
    third = x + 26 + picture.width_of(words[0], 11) + 24 + 26 + picture.width_of(words[1], 11) + 24
    return [picture.rect(third, 4, 16, 9, "c-gap"), picture.text(third + 21, 12, words[2], "t-note")]


def curves(title: str, early: Sequence[Step], late: Sequence[Step], last: int) -> Picture | None:
    """Two step curves over months with the doubt between them; ``last`` is the last day watched."""
    if not early and not late:
        return None
    months = max(12, 6 * -(-last // int(6 * DAYS_A_MONTH)))
    x0, y0, wide, tall = 46.0, 200.0, WIDTH - 46 - 90, 170.0
    marks = []
    for percent in (0, 25, 50, 75, 100):
        y = y0 - tall * percent / 100
        marks.append(picture.line(x0, y, x0 + wide, y, "c-axis" if not percent else "c-grid"))
        marks.append(picture.text(x0 - 6, y + 4, f"{percent}%", "t-note", "end"))
    every = 6 if months <= 36 else 12 if months <= 96 else 24
    for month in range(0, months + 1, every):
        x = x0 + wide * month / months
        marks += [picture.line(x, y0, x, y0 + 4, "c-axis"), picture.text(x, y0 + 18, str(month), "t-note", "middle")]
    marks.append(picture.text(x0 + wide, y0 + 34, _("months after first contact"), "t-note", "end"))

    def points(steps: Sequence[Step]) -> list[tuple[float, float]]:
        found, share = [(x0, y0)], 0.0
        for step in steps:
            x = x0 + wide * min(step.days / DAYS_A_MONTH, months) / months
            found += [(x, y0 - tall * share), (x, y0 - tall * step.share)]
            share = step.share
        return [*found, (x0 + wide * min(last / DAYS_A_MONTH, months) / months, y0 - tall * share)]

    up, down = points(early), points(late)
    marks.append(picture.path(_path([*up, *reversed(down)]) + "Z", "c-band"))
    marks.append(picture.path(_path(up), "c-line-late"))
    marks.append(picture.path(_path(down), "c-line"))
    ends = [(up[-1], _("at the earliest")), (down[-1], _("at the latest"))]
    if abs(ends[0][0][1] - ends[1][0][1]) < 14:
        ends = [(ends[1][0], f"{round(100 * at(late, last))}%")]
    for (x, y), words in ends:
        marks.append(picture.text(x + 5, y + 4, words, "t-note"))
    says = _("After %(days)d days %(share)d%% at the latest estimate.", days=last, share=round(100 * at(late, last)))
    return Picture(title, says, WIDTH, y0 + 44, tuple(marks))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{picture.n(x)} {picture.n(y)}" for x, y in points)
