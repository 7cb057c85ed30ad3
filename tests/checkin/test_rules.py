"""The door's rules: the protocol's own cases, and by hand the edges that those leave open."""

import json
from pathlib import Path

import pytest

from eventhub.checkin.facts import canonical_json, content_hash, instant
from eventhub.checkin.fold import Outcome, fold
from eventhub.checkin.rules import is_conflict, said

pytestmark = pytest.mark.once

CASES = json.loads((Path(__file__).parent / "door-cases.json").read_text("utf-8"))["cases"]

DAYS = [
    {"day": "2026-11-21", "from": "2026-11-20T21:00:00.000Z", "to": "2026-11-21T21:00:00.000Z"},
    {"day": "2026-11-22", "from": "2026-11-21T21:00:00.000Z", "to": "2026-11-22T21:00:00.000Z"},
]
CHECKPOINTS = [
    {"id": "A", "kind": "entrance", "group": "G"},
    {"id": "B", "kind": "session", "group": "G"},
    {"id": "C", "kind": "entrance", "group": None},
]


def at(clock: str, day: str = "2026-11-22") -> str:
    return f"{day}T{clock}Z"


def scan(id_: str, clock: str, kind: str = "entry", checkpoint: str = "A", **more: object) -> dict[str, object]:
    return {"id": id_, "checkpoint": checkpoint, "kind": kind, "scanned_at": at(clock), **more}


def fact(kind: str, since: str = "00:00:00", **more: object) -> dict[str, object]:
    return {"fact": kind, "from": at(since), **more}


def outcome(
    scans: list, facts: list = (), *, adults: str = "ann bob", children: str = "", answers: list = ()
) -> Outcome:
    """Fold scans of one device; A, B and C are open all day, and the adults named are confirmed and have badges."""
    persons = [(key, False) for key in adults.split()] + [(key, True) for key in children.split()]
    known = [fact("rules", checkpoint=c["id"], rules={"reentry": "yes"}) for c in CHECKPOINTS]
    for key, _ in persons:
        known.append(fact("confirmed", person=key))
        known.append(fact("issued", code=f"K-{key}", person=key, meeting="M"))
    return fold(
        {
            "meeting": "M",
            "days": DAYS,
            "checkpoints": CHECKPOINTS,
            "persons": [{"key": key, "child": child} for key, child in persons]
            + [{"key": "new", "child": False}, {"key": "new2", "child": False}],
            "facts": [*known, *facts],
            "batches": [{"device": "d1", "scans": scans}],
            "answers": [{"device": "d1", "id": id_, "answered": word} for id_, word in answers],
        }
    )


def verdicts(*args: object, **more: object) -> list[str]:
    """The verdicts, in the order of the scans' ids."""
    return [str(verdict) for _, verdict in sorted(outcome(*args, **more).verdicts.items())]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"case-{case['case']}")
def test_each_case_of_the_protocol(case):
    assert fold(case).as_json() == case["expect"]


def test_a_permit_counts_from_two_minutes_earlier_and_ends_sharply():
    facts = [fact("confirmed", "10:00:00", person="new"), fact("cancelled", "11:00:00", person="new")]
    scans = [scan(str(i), clock, person="new") for i, clock in enumerate(["09:57:59.999", "09:58:00", "11:00:00"])]
    assert verdicts(scans, facts) == ["refused/not_confirmed", "admitted", "refused/not_confirmed"]


def test_of_two_facts_that_begin_together_the_refusing_one_wins():
    facts = [fact("confirmed", "10:00:00", person="new"), fact("cancelled", "10:00:00", person="new")]
    assert (
        verdicts([scan("1", "09:59:00", person="new"), scan("2", "10:01:00", person="new")], facts)
        == ["refused/not_confirmed"] * 2
    )


def test_a_refusal_before_the_permit_began_does_not_end_it():
    facts = [fact("cancelled", "09:59:00", person="new"), fact("confirmed", "10:00:00", person="new")]
    assert verdicts([scan("1", "09:59:30", person="new"), scan("2", "10:01:00", person="new")], facts) == [
        "admitted",
        "already_in",
    ]


def test_a_code_is_unknown_before_its_issue_and_revoked_after_its_replacement():
    facts = [
        fact("issued", "10:00:00", code="K", person="ann", meeting="M"),
        fact("replaced", "11:00:00", code="K"),
        fact("issued", code="K-far", person="ann", meeting="other"),
    ]
    scans = [scan("1", "09:00:00", code="K"), scan("2", "09:58:00", code="K"), scan("3", "11:00:00", code="K")]
    scans += [
        scan("4", "11:00:00", code="K-far"),
        scan("5", "11:00:00", code="K-none"),
        scan("6", "11:00:00", person="x"),
    ]
    assert verdicts(scans, facts) == [
        "refused/unknown",
        "admitted",
        "refused/revoked",
        "refused/wrong_meeting",
        "refused/unknown",
        "refused/unknown",
    ]


def test_a_revoked_code_still_names_its_person_when_they_leave():
    facts = [fact("revoked", "10:00:00", code="K-ann")]
    assert verdicts([scan("1", "09:00:00", code="K-ann"), scan("2", "11:00:00", "exit", code="K-ann")], facts) == [
        "admitted",
        "left",
    ]


def test_opening_hours_include_the_first_instant_and_exclude_the_last():
    rules = {"reentry": "yes", "open_from": at("10:00:00"), "open_to": at("11:00:00")}
    scans = [
        scan(str(i), c, person="ann") for i, c in enumerate(["09:59:59.999", "10:00:00", "10:59:59.999", "11:00:00"])
    ]
    assert verdicts(scans, [fact("rules", "00:00:01", checkpoint="A", rules=rules)]) == [
        "refused/closed",
        "admitted",
        "already_in",
        "refused/closed",
    ]


def test_of_two_rule_changes_at_once_the_greater_text_counts():
    facts = [fact("rules", "01:00:00", checkpoint="A", rules={"capacity": n, "reentry": "yes"}) for n in (0, 1)]
    for order in (facts, facts[::-1]):
        assert verdicts([scan("1", "10:00:00", person="ann")], order) == ["admitted"]


def test_a_checkpoint_is_closed_before_its_first_rules_and_outside_all_days_it_is_the_wrong_day():
    before = {
        "id": "1",
        "checkpoint": "A",
        "kind": "entry",
        "scanned_at": at("22:00:00", "2026-11-21"),
        "person": "ann",
    }
    outside = {**before, "id": "2", "scanned_at": at("22:00:00"), "told": "admitted"}
    found = outcome([before, outside])
    assert list(found.verdicts.values()) == ["refused/not_confirmed", "refused/wrong_day"]
    assert (found.presence, found.first_entries) == ({}, {})
    facts = [fact("confirmed", "00:00:00", person="ann"), {**fact("confirmed", person="ann"), "from": DAYS[0]["from"]}]
    assert verdicts([before], facts) == ["refused/closed"]


def test_sign_up_counts_early_until_withdrawn():
    facts = [
        fact("rules", "00:00:01", checkpoint="B", rules={"reentry": "yes", "needs_sign_up": True}),
        fact("signed_up", "10:00:00", person="ann", checkpoint="B"),
        fact("withdrawn", "11:00:00", person="ann", checkpoint="B"),
    ]
    scans = [scan(str(i), c, checkpoint="B", person="ann") for i, c in enumerate(["09:57:59", "09:58:00", "11:00:00"])]
    assert verdicts(scans, facts) == ["refused/not_signed_up", "admitted", "refused/not_signed_up"]


def test_a_naming_does_not_count_early_and_a_child_is_nobodys_carer():
    facts = [
        fact("named", "10:00:00", child="kid", adult="ann"),
        fact("named", child="kid", adult="big"),
    ]
    scans = [
        scan("1", "09:00:00", person="ann"),
        scan("2", "09:00:00", person="big", told="admitted"),
        scan("3", "09:59:59", person="kid"),
        scan("4", "10:00:00", person="kid"),
        scan("5", "10:01:00", "exit", person="big"),
        scan("6", "10:02:00", "exit", person="ann"),
    ]
    assert verdicts(scans, facts, children="kid big") == [
        "admitted",
        "refused/chaperone_first",
        "refused/chaperone_first",
        "admitted",
        "left",
        "refused/child_in_care",
    ]


def test_who_took_a_child_over_answers_for_it_in_every_group_that_day():
    facts = [fact("named", child="kid", adult="ann")]
    scans = [
        scan("1", "09:00:00", person="ann"),
        scan("2", "09:01:00", person="bob"),
        scan("3", "09:02:00", person="kid"),
        scan("4", "09:03:00", "handover", person="kid", **{"with": "bob"}),
        scan("5", "09:04:00", "exit", person="ann"),
        scan("6", "09:05:00", "exit", person="bob"),
        scan("7", "10:00:00", checkpoint="C", person="bob"),
        scan("8", "10:01:00", checkpoint="C", person="kid"),
        scan("9", "10:02:00", "exit", checkpoint="C", person="bob"),
    ]
    assert verdicts(scans, facts, children="kid") == [
        *["admitted"] * 3,
        "handed_over",
        "left",
        "refused/child_in_care",
        *["admitted"] * 2,
        "refused/child_in_care",
    ]


def test_a_handover_that_was_told_refused_makes_no_carer_and_the_next_day_forgets_all():
    facts = [fact("named", child="kid", adult="ann")]
    taken = scan("3", "09:03:00", "handover", person="kid", **{"with": "bob"})
    inside = [scan("1", "09:00:00", person="bob"), scan("2", "09:02:00", person="kid", told="admitted")]
    leaving = scan("4", "10:00:00", "exit", person="bob")
    assert verdicts([*inside, taken, leaving], facts, children="kid")[-1] == "refused/child_in_care"
    assert verdicts([*inside, {**taken, "told": "refused/handover"}, leaving], facts, children="kid")[-1] == "left"
    yesterday = {**taken, "scanned_at": at("20:00:00", "2026-11-21"), "told": "handed_over"}
    assert verdicts([*inside, yesterday, leaving], facts, children="kid")[-1] == "left"


def test_merged_persons_are_one_under_the_least_key_and_a_child_when_one_is():
    facts = [{"fact": "merged", "persons": ["new", "kid"]}, {"fact": "merged", "persons": ["new", "zoe"]}]
    facts += [fact("named", child="zoe", adult="ann"), fact("cancelled", "05:00:00", person="kid")]
    facts += [fact("confirmed", person="zoe")]
    scans = [
        scan("1", "09:00:00", person="new"),
        scan("2", "09:01:00", person="ann"),
        scan("3", "09:02:00", code="K-kid"),
    ]
    found = outcome([*scans, scan("4", "09:03:00", person="zoe")], facts, children="kid")
    assert [v for _, v in sorted(found.verdicts.items())] == [
        "refused/chaperone_first",
        "admitted",
        "admitted",
        "already_in",
    ]
    assert found.presence == {("2026-11-22", "A"): {"ann", "kid"}}


def test_a_walk_in_exists_from_its_scan_until_cancelled_unless_voided():
    who = {"name": "Zoë Ng", "adult": True}
    scans = [
        scan("1", "08:59:59", person="walkin:2"),
        scan("2", "09:00:00", walk_in=who),
        scan("3", "09:01:00", checkpoint="C", person="walkin:2"),
        scan("4", "10:00:00", checkpoint="C", person="walkin:2"),
    ]
    facts = [fact("cancelled", "10:00:00", person="walkin:2")]
    assert verdicts(scans, facts) == ["refused/unknown", "admitted", "admitted", "refused/not_confirmed"]
    void = scan("5", "07:00:00", "void", voids="2")
    assert verdicts([*scans, void], facts) == ["refused/unknown"] * 3


def test_a_void_works_only_at_its_own_checkpoint_and_never_on_a_void():
    entry = scan("1", "09:00:00", person="ann")
    assert verdicts([entry, scan("2", "08:00:00", "void", checkpoint="B", voids="1")]) == ["admitted"]
    undone = outcome([entry, scan("2", "08:00:00", "void", voids="1"), scan("3", "08:00:00", "void", voids="2")])
    assert (undone.verdicts, undone.voided) == ({}, {("d1", "1")})


def test_presence_follows_what_people_heard():
    scans = [
        scan("1", "09:00:00", person="x", told="admitted"),
        scan("2", "09:00:00", person="ann", told="refused/closed"),
        scan("3", "09:00:00", person="bob"),
        scan("4", "09:01:00", "exit", person="bob", told="not_in"),
    ]
    found = outcome(scans)
    assert found.presence == {("2026-11-22", "A"): {"x"}}
    assert found.conflicts == {("d1", "1"): "refused/unknown", ("d1", "2"): "admitted"}


def test_only_handed_over_makes_a_carer():
    scans = [
        scan("1", "09:00:00", person="bob"),
        scan("2", "09:01:00", person="kid", told="admitted"),
        scan("3", "09:02:00", "handover", person="kid", told="not_in", **{"with": "bob"}),
        scan("4", "09:03:00", "exit", person="bob"),
    ]
    assert verdicts(scans, children="kid")[-1] == "left"


def test_what_was_heard_belongs_to_the_name_whichever_content_counts():
    entries = [scan("1", clock, person="ann") for clock in ("09:00:00", "10:00:00")]
    for i in (0, 1):
        found = outcome([entries[1 - i], {**entries[i], "told": "refused/closed"}])
        assert found.kept_aside == {("d1", "1")}
        assert found.presence == {}


def test_already_in_moves_a_person_only_where_reentry_is_free():
    facts = [fact("rules", "00:00:01", checkpoint="B", rules={"reentry": "once"})]
    told = {"person": "ann", "told": "already_in"}
    found = outcome([scan("1", "09:00:00", **told), scan("2", "09:01:00", checkpoint="B", **told)], facts)
    assert found.presence == {("2026-11-22", "A"): {"ann"}}


def test_a_settlement_closes_the_conflict_only_while_the_verdict_is_the_one_it_names():
    entry = scan("1", "09:00:00", person="x", told="admitted")
    for verdict, left in (("refused/unknown", 0), ("refused/full", 1)):
        assert (
            len(outcome([entry], [{"fact": "settled", "device": "d1", "id": "1", "verdict": verdict}]).conflicts)
            == left
        )


def test_the_capacity_may_be_lowered_under_those_inside():
    facts = [fact("rules", "10:00:00", checkpoint="A", rules={"reentry": "yes", "capacity": 1})]
    scans = [
        scan("1", "09:00:00", person="ann"),
        scan("2", "09:00:00", person="bob"),
        scan("3", "11:00:00", code="K-cai"),
    ]
    found = outcome(scans, facts, adults="ann bob cai")
    assert list(found.verdicts.values()) == ["admitted", "admitted", "refused/full"]
    assert found.presence == {("2026-11-22", "A"): {"ann", "bob"}}


@pytest.mark.parametrize(
    ("told", "answered", "heard"),
    [
        ([], [], None),
        ([], ["left"], "left"),
        (["refused/full"], ["admitted"], "refused/full"),
        (["refused/full", "admitted"], [], "admitted"),
        (["already_in", "refused/full", "refused/closed"], [], "refused/closed"),
        (["left", "already_in"], [], "already_in"),
    ],
)
def test_what_was_heard(told, answered, heard):
    assert said(told, answered) == heard


@pytest.mark.parametrize(
    ("kind", "told", "verdict", "conflict"),
    [
        ("entry", "admitted", "already_in", True),
        ("entry", "admitted", "refused/full", True),
        ("entry", "already_in", "admitted", False),
        ("entry", "already_in", "refused/full", True),
        ("entry", "refused/chaperone_first", "admitted", True),
        ("entry", "refused/chaperone_first", "already_in", False),
        ("entry", "refused/full", "admitted", False),
        ("exit", "refused/child_in_care", "left", True),
        ("exit", "left", "refused/child_in_care", True),
        ("exit", "left", "not_in", True),
        ("exit", "not_in", "left", False),
        ("handover", "handed_over", "refused/handover", True),
        ("handover", "refused/handover", "handed_over", True),
        ("handover", "handed_over", "handed_over", False),
    ],
)
def test_what_is_a_conflict(kind, told, verdict, conflict):
    assert is_conflict(kind, told, verdict) is conflict


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T07:00:00.001+07:00", 1),
        ("1969-12-31T20:30:00.0019-03:30", 1),
        ("1969-12-31t23:59:59.9z", -100),
        ("9999-12-31T23:59:59.999-23:59", 253_402_387_139_999),
    ],
)
def test_an_instant_is_a_whole_number_of_milliseconds(text, milliseconds):
    assert instant(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-13-22T10:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:00:60Z",
        "2026-11-22T10:00:00+24:00",
        "2026-11-22T10:00:00+07:60",
        "٢٠٢٦-11-22T10:00:00Z",
        "2026-11-22T10:00:00Z\n",
    ],
)
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        instant(text)


def test_canonical_json_orders_names_as_javascript_does_and_leaves_nulls_out():
    assert canonical_json({"z": [1, None, 2.0], "\ufb33": "é\n", "\U0001f600": {"b": None, "a": True}}) == (
        '{"z":[1,null,2],"\U0001f600":{"a":true},"\ufb33":"é\\n"}'
    )
    with pytest.raises(ValueError, match="whole numbers"):
        canonical_json({"capacity": 1.5})


def test_the_content_is_the_same_whatever_was_told_and_whatever_is_null():
    entry = scan("1", "09:00:00", person="ann")
    assert content_hash({**entry, "id": "2", "told": "admitted", "by": None}) == content_hash(entry)
    assert content_hash({**entry, "offset_ms": 0}) != content_hash(entry)
