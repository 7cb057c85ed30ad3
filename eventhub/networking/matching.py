"""Whom to suggest to whom: points for what two people say; ``assignment`` then gives everybody a fair share.

Pure: facts in, pairs out, the same for the same facts. Points add up from reasons that can be told in a sentence:

* one seeks what the other offers, by theme (most of all), or in their own words;
* both work on the same theme; at the same level; in the same country;
* they come from different countries, from different sectors (a little: it tips the balance, it makes no pair).

A theme that everybody ticks says little, so a rare one counts for more (as in TF-IDF). Free words are compared by
BM25, of the same family, with bm25s: a small library on sparse matrices that needs numpy alone; scikit-learn would
cost the worker some hundred megabytes for the same. Two who have no language in common count for half.
"""

import logging
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from eventhub.networking import assignment

SEEKS_OFFERS, WORDS, BOTH_WORK_ON = 60, 40, 30  # points of the rarest theme, of the closest words
SAME_LEVEL, SAME_COUNTRY_OF_WORK, OTHER_COUNTRY, OTHER_SECTOR = 6, 8, 5, 5
NO_COMMON_LANGUAGE = 0.5
_UNKNOWN = ("", None)
_SPACED = ("LATIN", "CYRILLIC", "GREEK", "ARABIC")

Theme = tuple[str, str]  # scheme, code


@dataclass(frozen=True)
class Facts:
    """What is known of one listed participant."""

    ident: int
    person: int  # the canonical person: nobody is suggested to themselves
    organisation: str = ""  # any key that two of the same organisation share; "" for none
    country: str = ""
    sector: int | None = None
    offers: frozenset[Theme] = frozenset()
    seeks: frozenset[Theme] = frozenset()
    works_on: frozenset[Theme] = frozenset()
    levels: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    offer_words: tuple[str, ...] = field(default=())
    seek_words: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Pair:
    a: int  # the lesser ident
    b: int
    points: int


def words(folded: str) -> tuple[str, ...]:
    """The words of a folded text that can tell something; a script without spaces gives pairs of letters."""
    found: list[str] = []
    for word in folded.split():
        if word.isascii() or _is_spaced(word):
            if len(word) > 3 and word not in _COMMON:
                found.append(word)
        else:
            found += [one + other for one, other in pairwise(word)]
    return tuple(found)


def _is_spaced(word: str) -> bool:
    return unicodedata.name(word[0], "").startswith(_SPACED)


_COMMON = frozenset(
    [
        "about",
        "after",
        "also",
        "among",
        "been",
        "being",
        "between",
        "both",
        "child",
        "children",
        "could",
        "each",
        "from",
        "have",
        "help",
        "into",
        "just",
        "know",
        "like",
        "look",
        "looking",
        "make",
        "many",
        "more",
        "most",
        "much",
        "need",
        "other",
        "others",
        "over",
        "people",
        "seek",
        "share",
        "some",
        "such",
        "than",
        "that",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "towards",
        "very",
        "want",
        "what",
        "when",
        "where",
        "which",
        "while",
        "will",
        "with",
        "work",
        "working",
        "would",
        "your",
        "rights",
        "experience",
    ]
)


def suggest(
    people: Iterable[Facts], apart: set[tuple[int, int]], standing: Iterable[tuple[int, int]] = ()
) -> list[Pair]:
    """The pairs to suggest, best first. ``apart`` are pairs of canonical persons (the lesser first) that are not to be:
    who was introduced before, and of whom one said "not for me".

    ``standing`` are the pairs of idents that are suggested now: of two that are as good, what stands stays.
    The fair shares are ``assignment``'s: everybody gets one where anybody fits, and nobody is suggested to everybody.
    """
    everybody = sorted(people, key=lambda facts: facts.ident)
    if len(everybody) < 2:
        return []
    points = points_of(everybody, apart)
    row = {facts.ident: number for number, facts in enumerate(everybody)}
    known = [sorted((row[a], row[b])) for a, b in standing if a in row and b in row]
    chosen = assignment.assign(points, frozenset((i, j) for i, j in known))
    made = [Pair(everybody[i].ident, everybody[j].ident, int(points[i, j])) for i, j in chosen.pairs]
    return sorted(made, key=lambda pair: (-pair.points, pair.a, pair.b))


def points_of(people: list[Facts], apart: set[tuple[int, int]]) -> Any:
    """A symmetric matrix of whole points; 0 where two are not to be suggested."""
    import numpy as np  # only the worker computes

    worth = _worth(people)
    offers, seeks, works = (
        _matrix([getattr(facts, name) for facts in people], worth) for name in ("offers", "seeks", "works_on")
    )
    one_way = SEEKS_OFFERS * (seeks @ offers.T) + WORDS * _closeness(people)
    points = one_way + one_way.T + BOTH_WORK_ON * (works @ works.T)
    for name, value in (("levels", SAME_LEVEL), ("countries", SAME_COUNTRY_OF_WORK)):
        same = _matrix([getattr(facts, name) for facts in people])
        points += value * np.minimum(same @ same.T, 1)
    for keys, value in (([f.country for f in people], OTHER_COUNTRY), ([f.sector for f in people], OTHER_SECTOR)):
        points += value * _differ(keys)
    languages = _matrix([facts.languages for facts in people])
    says = languages.sum(axis=1) > 0
    mute = ((languages @ languages.T) == 0) & says[:, None] & says[None, :]
    points = np.rint(np.where(mute, points * NO_COMMON_LANGUAGE, points)).astype(int)
    points[_same([facts.person for facts in people])] = 0
    points[_same([facts.organisation for facts in people])] = 0
    row_of: dict[int, list[int]] = {}
    for row, facts in enumerate(people):
        row_of.setdefault(facts.person, []).append(row)
    for one, other in apart:
        for i in row_of.get(one, ()):
            for j in row_of.get(other, ()):
                points[i, j] = points[j, i] = 0
    return points


def _worth(people: list[Facts]) -> dict[Theme, float]:
    """From 1 for a theme that one person names down towards 0 for one that everybody names."""
    named = Counter(theme for facts in people for theme in facts.offers | facts.seeks | facts.works_on)
    whole = math.log(1 + len(people))
    return {theme: math.log(1 + len(people) / many) / whole for theme, many in named.items()}


def _matrix(sets: list[frozenset[Any]], worth: dict[Any, float] | None = None) -> Any:
    """People by codes; with ``worth``, its codes are the columns and hold the square root of their worth, so that the
    product of two rows adds up the worths of what they share."""
    import numpy as np

    codes = sorted(worth) if worth is not None else sorted({code for said in sets for code in said})
    column = {code: n for n, code in enumerate(codes)}
    matrix = np.zeros((len(sets), max(1, len(column))))
    for row, said in enumerate(sets):
        for code in said:
            matrix[row, column[code]] = math.sqrt(worth[code]) if worth is not None else 1
    return matrix


def _closeness(people: list[Facts]) -> Any:
    """How close what the one seeks is to what the other offers, in their own words: 0 to 1."""
    import numpy as np

    found = np.zeros((len(people), len(people)))
    offered = [list(facts.offer_words) for facts in people]
    if not any(offered) or not any(facts.seek_words for facts in people):
        return found
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it tells of every index
    index = bm25s.BM25(backend="numpy")
    index.index(offered, show_progress=False)
    known = set(index.vocab_dict)
    for row, facts in enumerate(people):
        asked = [word for word in dict.fromkeys(facts.seek_words) if word in known]
        if asked:
            found[row] = index.get_scores(asked)
    top = found.max()
    return np.round(found / top, 6) if top > 0 else found


def _numbered(keys: list[Any]) -> Any:
    """Equal keys as equal numbers from 1 on; 0 for what is not known."""
    import numpy as np

    number = {key: n for n, key in enumerate(sorted({key for key in keys if key not in _UNKNOWN}), start=1)}
    return np.array([number.get(key, 0) for key in keys])


def _differ(keys: list[Any]) -> Any:
    """1 where both are known and differ."""
    numbers = _numbered(keys)
    known = numbers > 0
    return ((numbers[:, None] != numbers[None, :]) & known[:, None] & known[None, :]).astype(float)


def _same(keys: list[Any]) -> Any:
    """True where both are known and equal."""
    numbers = _numbered(keys)
    return (numbers[:, None] == numbers[None, :]) & (numbers[:, None] > 0)
