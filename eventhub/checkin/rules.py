"""The verdict on one scan, what it then does to the picture, and whether the two disagree.

Decides who may enter, leave and take over a child (the door's protocol, section 3). `judge` is pure and asks two things
only: the `World` of facts and the `State` of the scan's group and day. The pass over all scans and the answer to one
scan use it alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from eventhub.checkin.facts import Interval, Rules, Scan
from eventhub.checkin.world import World


class Verdict(StrEnum):
    """The answer to a scan."""

    UNKNOWN = "refused/unknown"
    WRONG_MEETING = "refused/wrong_meeting"
    REVOKED = "refused/revoked"
    NOT_CONFIRMED = "refused/not_confirmed"
    WRONG_DAY = "refused/wrong_day"
    CLOSED = "refused/closed"
    NOT_SIGNED_UP = "refused/not_signed_up"
    CHAPERONE_FIRST = "refused/chaperone_first"
    ALREADY_IN = "already_in"
    FULL = "refused/full"
    ADMITTED = "admitted"
    NOT_IN = "not_in"
    CHILD_IN_CARE = "refused/child_in_care"
    LEFT = "left"
    HANDED_OVER = "handed_over"
    HANDOVER = "refused/handover"


# Refusals 1 to 7 of an entry: they rest on the facts and the carers, not on how full the room is.
_BY_RULE = frozenset(
    {
        Verdict.UNKNOWN,
        Verdict.WRONG_MEETING,
        Verdict.REVOKED,
        Verdict.NOT_CONFIRMED,
        Verdict.WRONG_DAY,
        Verdict.CLOSED,
        Verdict.NOT_SIGNED_UP,
        Verdict.CHAPERONE_FIRST,
    }
)


def is_refusal(verdict: str) -> bool:
    """Whether a verdict says no."""
    return verdict.startswith("refused/")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a scan does, after what the person was told. At most one of the three."""

    person: str
    enters: str | None = None
    leaves: bool = False
    taken_by: str | None = None


@dataclass(slots=True)
class State:
    """One group of checkpoints on one day, as far as the scans before this one go. Keys are canonical.

    To judge one scan it need hold only: `inside` for the scan's person, `with` and the carers; `children` of the group;
    `counts` and `let_in` for the checkpoint; `taken` (over all groups of that day) for the children concerned;
    `walked_in` for the scan's person, from scans before this one (its own is counted by `judge`).
    """

    inside: dict[str, str] = field(default_factory=dict)  # person -> checkpoint
    children: set[str] = field(default_factory=set)  # those inside who are children
    counts: dict[str, int] = field(default_factory=dict)  # checkpoint -> people present
    let_in: set[tuple[str, str]] = field(default_factory=set)  # (checkpoint, person) of that day
    taken: dict[str, set[str]] = field(default_factory=dict)  # child -> who took it over that day
    walked_in: dict[str, list[Interval]] = field(default_factory=dict)  # walk-in -> when registered

    def register(self, scan: Scan, world: World) -> None:
        """Remember the walk-in that this scan made, whatever its verdict; nothing for any other scan."""
        if scan.walk_in:
            self.walked_in.setdefault(world.person_of(scan), []).append(world.walk_in_registration(scan))

    def apply(self, effect: Effect, world: World) -> None:
        """Change a whole state (not one filled for a single scan) by what one scan does."""
        if effect.taken_by is not None:
            self.taken.setdefault(effect.person, set()).add(effect.taken_by)
        if effect.leaves or effect.enters is not None:
            self._move(effect.person, effect.enters, world)
        if effect.enters is not None:
            self.let_in.add((effect.enters, effect.person))

    def _move(self, person: str, to: str | None, world: World) -> None:
        before = self.inside.pop(person, None)
        if before is not None:
            self.counts[before] -= 1
            self.children.discard(person)
        if to is not None:
            self.inside[person] = to
            self.counts[to] = self.counts.get(to, 0) + 1
            if world.is_child(person):
                self.children.add(person)


def carers_of(child: str, t: int, state: State, world: World) -> set[str]:
    """The adults who answer for the child at `t`: those named, and whoever took it over that day."""
    carers = world.named_adults(child, t) | state.taken.get(child, set())
    return {adult for adult in carers if not world.is_child(adult)}


def judge(scan: Scan, state: State, world: World) -> Verdict:
    """The verdict on an entry, exit or handover, given the state before it. ValueError for a void: it has none."""
    person = world.person_of(scan)
    if scan.kind == "entry":
        return _judge_entry(scan, person, state, world)
    if scan.kind == "exit":
        return _judge_exit(scan, person, state, world)
    if scan.kind == "handover":
        taker = world.canonical(scan.with_ or "")
        inside = person in state.children and taker in state.inside and not world.is_child(taker)
        return Verdict.HANDED_OVER if inside else Verdict.HANDOVER
    raise ValueError(f"A scan of kind {scan.kind} has no verdict.")


def _judge_entry(scan: Scan, person: str, state: State, world: World) -> Verdict:
    refusal = _refuse_person(scan, person, state, world) or _refuse_time(scan, world)
    if refusal:
        return refusal
    rules = world.rules_at(scan.checkpoint, scan.t) or Rules()
    if rules.needs_sign_up and not world.is_signed_up(person, scan.checkpoint, scan.t):
        return Verdict.NOT_SIGNED_UP
    needs_carer = world.is_entrance(scan.checkpoint) and world.is_child(person)
    if needs_carer and state.inside.keys().isdisjoint(carers_of(person, scan.t, state, world)):
        return Verdict.CHAPERONE_FIRST
    if state.inside.get(person) == scan.checkpoint:
        return Verdict.ALREADY_IN
    if rules.reentry == "once" and (scan.checkpoint, person) in state.let_in:
        return Verdict.ALREADY_IN
    if rules.capacity is not None and state.counts.get(scan.checkpoint, 0) >= rules.capacity:
        return Verdict.FULL
    return Verdict.ADMITTED


def _refuse_person(scan: Scan, person: str, state: State, world: World) -> Verdict | None:
    walked_in = list(state.walked_in.get(person, ()))
    if scan.walk_in:
        walked_in.append(world.walk_in_registration(scan))
    if scan.code is not None:
        badge = world.badge(scan.code)
        if badge is None or scan.t < badge.issued:
            return Verdict.UNKNOWN
        if badge.meeting != world.meeting:
            return Verdict.WRONG_MEETING
        if not any(interval.holds(scan.t) for interval in badge.valid):
            return Verdict.REVOKED
    elif not walked_in and not world.is_registered(person):
        return Verdict.UNKNOWN
    if world.is_confirmed(person, scan.t) or any(interval.holds(scan.t) for interval in walked_in):
        return None
    return Verdict.NOT_CONFIRMED


def _refuse_time(scan: Scan, world: World) -> Verdict | None:
    day, rules = world.day_of(scan.t), world.rules_at(scan.checkpoint, scan.t)
    if day is None or (rules and rules.day not in (None, day)):
        return Verdict.WRONG_DAY
    return None if rules and rules.is_open(scan.t) else Verdict.CLOSED


def _judge_exit(scan: Scan, person: str, state: State, world: World) -> Verdict:
    if person not in state.inside:
        return Verdict.NOT_IN
    for child in state.children:
        carers = carers_of(child, scan.t, state, world)
        if person in carers and state.inside.keys().isdisjoint(carers - {person}):
            return Verdict.CHILD_IN_CARE
    return Verdict.LEFT


def said(told: Iterable[str], answered: Iterable[str]) -> str | None:
    """What the person heard: by the device, else by the server; None when neither is known.

    Of several, `admitted` prevails (the body is inside), else a refusal, else the least as text.
    """
    words = set(told) or set(answered)
    if Verdict.ADMITTED in words:
        return Verdict.ADMITTED
    return min(filter(is_refusal, words), default=None) or min(words, default=None)


def effect_of(scan: Scan, heard: str, world: World) -> Effect | None:
    """What the scan does, given what the person heard (`said`, else the computed verdict); None for nothing."""
    person = world.person_of(scan)
    if scan.kind == "entry":
        rules = world.rules_at(scan.checkpoint, scan.t)
        back = heard == Verdict.ALREADY_IN and rules is not None and rules.reentry == "yes"
        return Effect(person, enters=scan.checkpoint) if heard == Verdict.ADMITTED or back else None
    if scan.kind == "exit":
        return None if is_refusal(heard) else Effect(person, leaves=True)
    if scan.kind == "handover" and heard == Verdict.HANDED_OVER:
        return Effect(person, taken_by=world.canonical(scan.with_ or ""))
    return None


def is_conflict(kind: str, told: str, verdict: str) -> bool:
    """Whether what the person was told and the computed verdict disagree so that somebody should look."""
    if kind == "entry":
        return (
            (told == Verdict.ADMITTED and verdict != Verdict.ADMITTED)
            or (told == Verdict.ALREADY_IN and is_refusal(verdict))
            or (told in _BY_RULE and verdict == Verdict.ADMITTED)
        )
    done = (Verdict.LEFT, Verdict.HANDED_OVER)
    return is_refusal(told) != is_refusal(verdict) or (told in done and verdict not in done)


@dataclass(frozen=True, slots=True)
class Step:
    """One scan's place in the pass: what was computed, what counts as heard, and what follows."""

    scan: Scan
    verdict: Verdict
    heard: str
    conflict: bool
    effect: Effect | None


def step(scan: Scan, heard: str | None, state: State, world: World) -> Step:
    """Judge one scan and say what it does, without changing the state.

    `heard` is what `said` gave, or None when nothing is known, so that the computed verdict counts. A conflict that was
    settled by this very verdict is none. A scan outside all days has no effect: it is on no list.
    """
    verdict = judge(scan, state, world)
    heard = heard or verdict
    settled = (scan.device, scan.id, verdict) in world.settled
    return Step(
        scan=scan,
        verdict=verdict,
        heard=heard,
        conflict=not settled and is_conflict(scan.kind, heard, verdict),
        effect=None if world.day_of(scan.t) is None else effect_of(scan, heard, world),
    )
