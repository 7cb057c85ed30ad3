"""What came of the demo's past meetings: introductions, partnerships in all stages, answers of parties, follow-ups."""

from dataclasses import dataclass
from datetime import date, timedelta

from eventhub import clock
from eventhub.demo import records
from eventhub.demo.editions import SECRETARIAT, SECRETARIAT_NAME, Edition, on
from eventhub.directory import service as directory
from eventhub.directory.models import Organisation, Precision
from eventhub.directory.places import country_name
from eventhub.networking import service as networking
from eventhub.networking import service_met
from eventhub.networking.models import Introduction, IntroductionSource
from eventhub.partnerships import follow_ups, parts, verification
from eventhub.partnerships import service as partnerships
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.states import (
    ActivityKind,
    Influence,
    KnewBefore,
    LevelKind,
    OriginKind,
    PartnershipState,
    VerificationState,
    Visibility,
)

TOPICS = (
    "Alternative report to the UN CRC",
    "Child-led networks in river communes",
    "Heat in schools",
    "Work of children on fishing boats",
    "A training for youth coordinators",
    "Counting violence without doing harm",
)


@dataclass(frozen=True)
class Plan:
    """How one invented partnership went on after the introduction."""

    kind: ActivityKind
    title: str
    months: int  # from the meeting to the activity
    precision: Precision
    levels: tuple[LevelKind, ...]
    theme: str
    answers: str  # of the parties: c confirmed, d disputed, - asked and silent, n not asked
    state: PartnershipState = PartnershipState.ACTIVE
    independent: bool = False
    name: str = ""  # of the partnership; else the activity's title
    changed: tuple[str, str] = ("", "")  # what somebody does differently since, and why that matters
    stage: tuple[bool | None, ...] = (True, None, None, None)


PLANS = (
    Plan(
        ActivityKind.LEARNING_VISIT,
        "Four youth leaders visit the river communes",
        9,
        Precision.DAY,
        (LevelKind.COMMUNE, LevelKind.PROVINCE),
        "Child-led networks",
        "cc",
        independent=True,
        name="Young people learn from each other along the river",
        changed=(
            "The host's youth group meets every month now, in a room of its own, and chooses what it talks about.",
            "Before the visit adults had called each meeting.",
        ),
        stage=(True, True, True, None),
    ),
    Plan(
        ActivityKind.JOINT_REPORT,
        "Two chapters of an alternative report, written together",
        14,
        Precision.MONTH,
        (LevelKind.NATIONAL,),
        "General measures of implementation",
        "cc",
        name="One alternative report instead of two",
        changed=(
            "Both organisations now read each other's drafts before they send anything to the Committee.",
            "Two reports on the same country had contradicted each other before.",
        ),
        stage=(True, True, None, None),
    ),
    Plan(
        ActivityKind.TRAINING,
        "Training on safe interviews with children",
        6,
        Precision.QUARTER,
        (LevelKind.NATIONAL, LevelKind.REGIONAL),
        "Violence against children",
        "c-",
        stage=(True, None, None, True),
    ),
    Plan(
        ActivityKind.RESEARCH,
        "A study of heat in nine schools",
        18,
        Precision.YEAR,
        (LevelKind.DISTRICT,),
        "Climate and childhood",
        "nn",
        PartnershipState.PROPOSED,
        stage=(True, None, None, None),
    ),
    Plan(
        ActivityKind.CAMPAIGN,
        "Clean river week in two countries",
        11,
        Precision.MONTH,
        (LevelKind.REGIONAL,),
        "Climate and childhood",
        "cd",
        stage=(True, True, None, None),
    ),
    Plan(
        ActivityKind.EXCHANGE_OF_INFORMATION,
        "Monthly call between two secretariats",
        3,
        Precision.MONTH,
        (LevelKind.NATIONAL,),
        "General measures of implementation",
        "cc",
        PartnershipState.DORMANT,
        name="Two secretariats in one call",
        stage=(True, False, False, False),
    ),
    Plan(
        ActivityKind.CHILD_LED_EXCHANGE,
        "Children's councils write to each other",
        8,
        Precision.QUARTER,
        (LevelKind.COMMUNE,),
        "Child-led networks",
        "c-",
        stage=(True, True, None, None),
    ),
)


def fill(editions: list[Edition]) -> None:
    """Introductions at every past edition; from some of them a partnership."""
    number = 0
    told = []
    for edition in editions[:-1]:
        for introduction in _introductions(edition):
            number += 1
            if number % 4 == 1:
                told.append(_partnership(introduction, edition, PLANS[(number // 4) % len(PLANS)]))
    records.fill(told)
    host = directory.create_organisation(name=SECRETARIAT_NAME, country="TH", by=SECRETARIAT)
    for edition in editions[:-1]:
        _with_the_secretariat(edition, host)


def _with_the_secretariat(edition: Edition, host: Organisation) -> None:
    """Who runs the forum works with some of its members too: a map shows what is left without it."""
    meeting, many = edition.meeting, len(edition.confirmed)
    for place, title in ((many // 5, "A call every month before the forum"), (many // 2 + 1, "The forum's report")):
        coming = edition.confirmed[place]
        if coming.organisation is None:
            continue
        with on(meeting.ends + timedelta(days=40), meeting.tz):
            partnership = partnerships.create(
                title=title, meeting=meeting, parties=[host, coming.organisation], focal=[None, coming.person],
                kind=OriginKind.INTRODUCED_BY_SECRETARIAT, by=SECRETARIAT,
            )  # fmt: skip
            parts.add(
                partnership,
                "stage",
                stated_on=meeting.ends,
                exchanges_information=True,
                stated_by="Both",
                by=SECRETARIAT,
            )


def _introductions(edition: Edition) -> list[Introduction]:
    """People of different organisations and countries who met; some through somebody, some in a session."""
    meeting, people, made = edition.meeting, edition.confirmed, []
    half = len(people) // 2
    for n in range(min(half, 14)):
        one, other = people[n], people[n + half]
        if one.organisation_id == other.organisation_id:
            continue
        day = meeting.starts + timedelta(days=n % 3)
        with on(day, meeting.tz, 17, n):
            made.append(
                networking.introduce(
                    meeting=meeting,
                    a=one.person,
                    b=other.person,
                    introduced_by=people[-1].person if n % 3 == 0 and people[-1] not in (one, other) else None,
                    session=edition.sessions[2 + n % 4] if n % 2 == 0 else None,
                    topic=TOPICS[n % len(TOPICS)],
                    met_on=day,
                    source=IntroductionSource.PERSON if n % 2 else IntroductionSource.STAFF,
                    by=SECRETARIAT,
                )
            )
            if n % 4 == 1:  # both said so from their own pages; one of them shares the address
                service_met.answer_own(one, made[-1].id, yes=True, shares=True)
                service_met.answer_own(other, made[-1].id, yes=True, shares=False)
    return made


def _partnership(introduction: Introduction, edition: Edition, plan: Plan) -> Partnership:
    meeting = edition.meeting
    with on(meeting.ends + timedelta(days=60), meeting.tz):
        partnership = partnerships.create_from_introduction(introduction, by=SECRETARIAT)
        partnerships.change(
            partnership,
            title=plan.name or plan.title,
            visibility=Visibility.MEMBERS,
            levels=plan.levels,
            by=SECRETARIAT,
            summary=f"They met at {meeting.title} and went on from there. Invented for the demo.",
        )
        partnerships.set_origin(
            partnership,
            kind=OriginKind.SESSION if introduction.session_id else OriginKind.MARGIN,
            first_contact=introduction.met_on,
            first_contact_precision=Precision.DAY,
            knew_before=KnewBefore.BY_NAME if plan.months % 2 else KnewBefore.NO,
            influence=Influence.STARTED,
            stated_by="Both focal people",
            stated_on=meeting.ends + timedelta(days=60),
            by=SECRETARIAT,
        )
        records.theme(partnership, plan.theme)
    done = meeting.ends + timedelta(days=plan.months * 30)
    if done < clock.today(meeting.tz):
        with on(done + timedelta(days=20), meeting.tz):
            _what_was_done(partnership, plan, done)
    if plan.state is not PartnershipState.PROPOSED:
        with on(meeting.ends + timedelta(days=90), meeting.tz):
            partnerships.move(partnership, PartnershipState.ACTIVE, by=SECRETARIAT)
    if plan.state is PartnershipState.DORMANT:
        partnerships.move(partnership, PartnershipState.DORMANT, by=SECRETARIAT)
    _ask(partnership, plan)
    follow_ups.schedule(partnership)
    return partnership


def _what_was_done(partnership: Partnership, plan: Plan, day: date) -> None:
    parts.add(
        partnership,
        "activity",
        kind=plan.kind,
        title=plan.title,
        start=day,
        start_precision=plan.precision,
        place=country_name(partnership.parties[0].organisation.country),
        mode="in_person",
        organisation_ids=[party.organisation_id for party in partnership.parties],
        counts={"adult": {"f": 6, "m": 4}} if plan.months % 2 else {},
        by=SECRETARIAT,
    )
    names = ("exchanges_information", "alters_activities", "shares_resources", "enhances_capacity")
    parts.add(
        partnership,
        "stage",
        stated_on=day,
        stated_by="The secretariat's call with both",
        by=SECRETARIAT,
        **dict(zip(names, plan.stage, strict=True)),
    )
    _what_changed(partnership, plan, day)


def _what_changed(partnership: Partnership, plan: Plan, day: date) -> None:
    statement, significance = plan.changed
    if statement:
        host = partnership.parties[0].organisation.name
        parts.add(
            partnership, "outcome", actor=host, change="practice", direction="positive", intended=True, statement=statement,
            significance=significance, contribution="Each showed the other how it works.", by=SECRETARIAT,
        )  # fmt: skip
    if plan.independent:
        parts.add(
            partnership,
            "evidence",
            kind="quote",
            title="A member of the commune council",
            independent=True,
            dated=day,
            dated_precision=Precision.DAY,
            quote="The young people came twice, and our own group started the month after.",
            given_by="A member of a commune council (invented)",
            consent_ok=True,
            visibility=Visibility.PUBLIC,
            by=SECRETARIAT,
        )


def _ask(partnership: Partnership, plan: Plan) -> None:
    """Ask the parties; each answers as its own person would by the link."""
    for party, word in zip(partnership.parties, plan.answers, strict=False):
        if word == "n":
            continue
        question = verification.ask(party, by=SECRETARIAT)
        if word == "-":
            continue
        verification.answer(
            question,
            state=VerificationState.CONFIRMED if word == "c" else VerificationState.DISPUTED,
            by_name=party.focal_person.full_name if party.focal_person else "Focal person",
            seen=verification.digest(partnership, question.field_group),
            words="" if word == "c" else "We had planned it, but it did not take place on our side.",
        )
