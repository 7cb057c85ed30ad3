"""The evidence ladder and the stage: computed from what people answered, never typed in. Pure functions.

reported -> confirmed, when every party confirmed the facts as they stand -> substantiated, when somebody
independent says so on top. A correction or a dispute by any party reopens; a dispute also hides public text.
The stage 0-4 follows Himmelman, "Collaboration for a Change" (2002): each step rests on the one before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from eventhub.partnerships.states import Rung, VerificationState

FEWEST_PARTIES = 2


class Word(StrEnum):
    """How one party stands to the facts as they are now."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    NO_REPLY = "no_reply"
    CONFIRMED = "confirmed"
    CHANGED = "changed"  # it confirmed, but what it confirmed was changed since
    CORRECTED = "corrected"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of a party's verification, in the order of its rounds; ``shown`` are the items it was shown."""

    party: int
    state: VerificationState
    shown: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a partnership stands: its rung, each party's word, and the rung of every single item."""

    rung: Rung
    words: Mapping[int, Word]
    items: Mapping[str, Rung]

    @property
    def disputed(self) -> bool:
        return Word.DISPUTED in self.words.values()

    @property
    def counted(self) -> bool:
        """Whether headline figures count it: confirmed and above."""
        return self.rung is not Rung.REPORTED

    @property
    def confirmed_by(self) -> list[int]:
        return [party for party, word in self.words.items() if word is Word.CONFIRMED]


_STANDS = (VerificationState.CONFIRMED, VerificationState.CORRECTED, VerificationState.DISPUTED)


def stand(
    parties: Sequence[int],
    answers: Iterable[Answer],
    facts: Mapping[str, Any],
    ladder_items: Sequence[str],
    independent: Iterable[str] = (),
) -> Standing:
    """Compute the standing. ``facts`` are the present items, ``independent`` the keys that an independent source
    supports, ``ladder_items`` the items that must be confirmed unchanged for the partnership itself to be so."""
    newest: dict[int, Answer] = {}
    waiting: dict[int, VerificationState] = {}
    for answer in answers:
        if answer.state in _STANDS:
            newest[answer.party] = answer
            waiting.pop(answer.party, None)
        else:
            waiting[answer.party] = answer.state
    words = {party: _word(newest.get(party), waiting.get(party), facts, ladder_items) for party in parties}
    supported = set(independent)
    items = {key: _rung(key, parties, newest, words, facts, supported) for key in facts}
    rung = min((items.get(key, Rung.REPORTED) for key in ladder_items), key=list(Rung).index, default=Rung.REPORTED)
    if rung is not Rung.REPORTED:
        # a source for who, where it began or a confirmed activity shows that the partnership exists; one for a change
        # speaks of that change alone, and lists do not load changes
        proven = any(items.get(key) is Rung.SUBSTANTIATED for key in supported if not key.startswith("outcome:"))
        rung = Rung.SUBSTANTIATED if proven else Rung.CONFIRMED
    return Standing(rung, words, items)


def _word(
    answer: Answer | None, waiting: VerificationState | None, facts: Mapping[str, Any], ladder_items: Sequence[str]
) -> Word:
    if answer is None:
        return Word(waiting.value) if waiting else Word.NOT_ASKED
    if answer.state is not VerificationState.CONFIRMED:
        return Word(answer.state.value)
    return Word.CONFIRMED if all(_covers(answer, key, facts) for key in ladder_items) else Word.CHANGED


def _covers(answer: Answer, key: str, facts: Mapping[str, Any]) -> bool:
    return key in answer.shown and key in facts and answer.shown[key] == facts[key]


def _rung(
    key: str,
    parties: Sequence[int],
    newest: Mapping[int, Answer],
    words: Mapping[int, Word],
    facts: Mapping[str, Any],
    supported: set[str],
) -> Rung:
    """An item is confirmed when all parties, two at least, confirmed it as it stands and none takes its word back."""
    if len(set(parties)) < FEWEST_PARTIES or any(words[party] in (Word.CORRECTED, Word.DISPUTED) for party in parties):
        return Rung.REPORTED
    for party in parties:
        answer = newest.get(party)
        if answer is None or not _covers(answer, key, facts):
            return Rung.REPORTED
    return Rung.SUBSTANTIATED if key in supported else Rung.CONFIRMED


STAGES = ("none", "networking", "coordinating", "cooperating", "collaborating")


@dataclass(frozen=True, slots=True)
class Stage:
    """At least and at most: an unanswered question leaves a range."""

    least: int
    most: int

    @property
    def known(self) -> bool:
        return self.least == self.most


def stage(answers: Sequence[bool | None]) -> Stage | None:
    """The stage from Himmelman's four answers (exchange information, alter activities, share resources, enhance
    each other's capacity); None when nobody answered any of them."""
    if all(answer is None for answer in answers):
        return None
    return Stage(_steps(answers, unknown=False), _steps(answers, unknown=True))


def _steps(answers: Sequence[bool | None], unknown: bool) -> int:
    steps = 0
    for answer in answers:
        if not (unknown if answer is None else answer):
            break
        steps += 1
    return steps
