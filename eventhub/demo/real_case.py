"""The one real case: two organisations that met at CRC Asia's APPM 2018 in Manila, as a published story tells it.

Nothing is invented: what the story does not say is left unknown. The case is *reported* by a published source; no
party has confirmed it here, and nobody's consent is recorded. Earlier work of C-Rights in Svay Rieng is context of one
party and never counted. The meeting's days are not in the story: only its year is kept.
"""

from datetime import date

from eventhub.audit import Actor
from eventhub.directory import service as directory
from eventhub.directory.models import Organisation, Person, Precision
from eventhub.meetings import service as meetings
from eventhub.meetings.models import Meeting
from eventhub.meetings.states import MeetingState
from eventhub.networking import service as networking
from eventhub.networking.models import IntroductionSource
from eventhub.partnerships import parts, stories
from eventhub.partnerships import service as partnerships
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.states import ActivityKind, Basis, LevelKind, OriginKind, PartnershipState, ThemeScheme

SOURCE = "CRC Asia, “C-Rights Japan’s learning visit at CRC-Cambodia” (published story, 2020)"
# sentences that read better in other words than the record's own; nothing is added, and a repetition is left out
TOLD = {
    ("partnership", "summary", ""): (
        "The published story says that this introduction led to the succeeding collaboration between the two organisations."
    ),
    ("activity", "", "Exchange on the deve"): (
        "They exchanged information on the development of reports to the UN CRC and the UPR; when is not known."
    ),
    ("activity", "description", "Also on other workin"): (
        "They also spoke about other working approaches, and about the coordination of child- and youth-led networks."
    ),
    ("activity", "", "18 February 2020: Le"): "On 18 February 2020 C-Rights visited the office of CRC-Cambodia.",
    ("activity", "description", "To learn how CRC-Cam"): (
        "The visit was to learn how CRC-Cambodia builds and supports child-led networks at commune, provincial and "
        "national level. Students came too."
    ),
    ("context", "", ""): (
        "Apart from this, and not a result of it, C-Rights has work of its own in Cambodia, on child labour and "
        "trafficking: the Children’s Rights Promotion Project in Thonat Commune, Kompong Ro District, Svay Rieng Province."
    ),
}
READER = Actor("staff", "", "Entered from a published story")


def fill() -> Partnership:
    """Enter the story."""
    meeting = _meeting()
    rights, cambodia = _organisations()
    machiko = directory.create_person(full_name="Machiko Kaida", country="JP", by=READER)
    son = directory.create_person(full_name="Pehn Son", country="KH", by=READER)
    directory.affiliate(machiko, rights, by=READER)
    directory.affiliate(son, cambodia, post="Executive Director", by=READER)
    introduction = networking.introduce(
        meeting=meeting,
        a=machiko,
        b=son,
        met_on=date(2018, 1, 1),
        precision=Precision.YEAR,
        source=IntroductionSource.PUBLISHED,
        source_text=SOURCE,
        by=READER,
    )
    partnership = partnerships.create_from_introduction(
        introduction, title="C-Rights and CRC-Cambodia: reports and child-led networks", by=READER
    )
    _facts(partnership)
    _activities(partnership, [rights.id, cambodia.id])
    _beside(partnership, rights)
    _story(partnership, [machiko, son])
    return partnership


def _meeting() -> Meeting:
    """Known by its year and place only."""
    series = meetings.create_series(
        name="Asia Pacific Partnership Meeting of Child Rights Coalitions and Networks",
        short_name="APPM",
        slug="appm",
        secretariat="CRC Asia",
        accent="#1f5fa8",
        by=READER,
    )
    meeting = meetings.create(
        series=series,
        title="APPM, Manila 2018",
        slug="appm-2018-manila",
        starts=date(2018, 1, 1),
        ends=date(2018, 12, 31),
        dates_precision=Precision.YEAR,
        year=2018,
        place="Manila",
        country="PH",
        tz="Asia/Manila",
        introduction="Known here from a published story only: its year and its place. " + SOURCE,
        by=READER,
    )
    for state in (MeetingState.OPEN, MeetingState.RUNNING, MeetingState.OVER, MeetingState.ARCHIVED):
        meetings.move(meeting, state, by=READER)
    return meeting


def _organisations() -> tuple[Organisation, Organisation]:
    """C-Rights and CRC-Cambodia, with the names that they go by."""
    coalition = meetings.add_sector(code="coalition", name="Child rights coalitions and networks")
    rights = directory.create_organisation(
        name="C-Rights",
        country="JP",
        names=[
            ("Japan International Center for the Rights of the Child", "en", "official"),
            ("シーライツ", "ja", "alias"),
        ],
        by=READER,
    )
    cambodia = directory.create_organisation(
        name="CRC-Cambodia",
        country="KH",
        sector=coalition,
        names=[("Child Rights Coalition Cambodia", "en", "official"), ("CRC Cambodia", "en", "alias")],
        by=READER,
    )
    return rights, cambodia


def _story(partnership: Partnership, named: list[Person]) -> None:
    """Tell it from the records alone. Both are named by the published story already, which is cited; nobody's consent
    is recorded here, and no photograph is shown."""
    story = stories.assemble(partnership, by=READER)
    stories.change(
        story,
        title="A learning visit, two years after Manila",
        lead="Two people met at a meeting in Manila in 2018. In February 2020 one organisation visited the other, to "
        "learn how children's own networks are built.",
        lead_rests_on=[
            stories.record_key(claim)
            for claim in story.claims
            if claim.record == "introduction" or claim.text.startswith("18 February 2020")
        ],
        photo=None,
        photo_words="",
        version=story.version,
        by=READER,
    )
    for claim in list(story.claims):
        words = TOLD.get((claim.record, claim.field, claim.text[:20])) or TOLD.get((claim.record, claim.field, ""))
        if words is not None:
            stories.rewrite(story, claim.id, text=words, by=READER)
    for person in named:
        stories.give_basis(story, person, basis=Basis.PUBLISHED_SOURCE, words=SOURCE, by=READER)
    stories.publish(story, by=READER)


def _facts(partnership: Partnership) -> None:
    """What it is, and how it began: in which session, and whether through somebody, is not known."""
    partnerships.change(
        partnership,
        summary=(
            "Machiko Kaida and Pehn Son met at the APPM 2018 in Manila. The story says that this introduction led to the "
            "succeeding collaboration between the two organisations."
        ),
        levels=(LevelKind.COMMUNE, LevelKind.PROVINCE, LevelKind.NATIONAL),
        by=READER,
    )
    partnerships.set_origin(
        partnership,
        kind=OriginKind.UNKNOWN,
        first_contact=date(2018, 1, 1),
        first_contact_precision=Precision.YEAR,
        stated_by=SOURCE,
        by=READER,
    )
    partnerships.move(partnership, PartnershipState.ACTIVE, by=READER)


def _activities(partnership: Partnership, both: list[int]) -> None:
    parts.add(
        partnership,
        "activity",
        kind=ActivityKind.EXCHANGE_OF_INFORMATION,
        title="Exchange on the development of reports to the UN CRC and the UPR",
        description="Also on other working approaches, and on the coordination of child- and youth-led networks.",
        organisation_ids=both,
        by=READER,
    )
    parts.add(
        partnership,
        "activity",
        kind=ActivityKind.LEARNING_VISIT,
        title="Learning visit of C-Rights at the office of CRC-Cambodia",
        description=(
            "To learn how CRC-Cambodia builds and supports child-led networks at commune, provincial and national level. "
            "Students came too; how many is not known."
        ),
        start=date(2020, 2, 18),
        start_precision=Precision.DAY,
        end=date(2020, 2, 18),
        end_precision=Precision.DAY,
        place="Office of CRC-Cambodia",
        mode="in_person",
        organisation_ids=both,
        by=READER,
    )


def _beside(partnership: Partnership, rights: Organisation) -> None:
    """Themes, the earlier work of one party, and the source."""
    for label in ("Reports to the UN CRC and the UPR", "Child-led networks"):
        parts.add(partnership, "theme", scheme=ThemeScheme.OWN, label=label, by=READER)
    parts.add(
        partnership,
        "context",
        organisation=rights,
        text=(
            "Children’s Rights Promotion Project in Thonat Commune, Kompong Ro District, Svay Rieng Province: C-Rights' own "
            "work in Cambodia, on child labour and trafficking."
        ),
        source=SOURCE,
        by=READER,
    )
    parts.add(partnership, "evidence", kind="published_source", title=SOURCE, given_by="CRC Asia", by=READER)
