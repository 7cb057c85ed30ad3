"""What makes the demo's records worth reading: what is in writing and shared, what changed, a party's correction, a word
from outside, and two records of one partnership that wait for somebody's decision."""

from datetime import date, timedelta
from decimal import Decimal

from eventhub import clock
from eventhub.demo.editions import SECRETARIAT
from eventhub.directory.models import Precision
from eventhub.partnerships import parts, substantiation, verification
from eventhub.partnerships import service as partnerships
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.states import (
    ActivityKind,
    FieldGroup,
    FormalityKind,
    ResourceKind,
    ThemeScheme,
    VerificationState,
)

# of the demo's own words for themes: the CRC reporting cluster that donors' codes follow from
CLUSTERS = {
    "Child-led networks": "3",
    "General measures of implementation": "1",
    "Violence against children": "5",
    "Climate and childhood": "8",
}


def theme(partnership: Partnership, words: str) -> None:
    """The theme in the network's own words, and its CRC cluster as the main one."""
    parts.add(partnership, "theme", scheme=ThemeScheme.CRC_CLUSTER, code=CLUSTERS[words], by=SECRETARIAT)
    parts.add(partnership, "theme", scheme=ThemeScheme.OWN, label=words, by=SECRETARIAT)


def fill(told: list[Partnership]) -> None:
    """Deepen a few of the partnerships, newest last."""
    rich = [row for row in told if row.activities and len(row.parties) == 2]
    if len(rich) < 6:
        return
    _in_depth(rich[0])
    _corrected(rich[-2])
    _twice(rich[2])


def _in_depth(partnership: Partnership) -> None:
    """One that went far: a memorandum, shared means, a change that somebody outside saw too."""
    first, second = partnership.parties
    done = partnership.activities[0].start or clock.today()
    for scheme, code in ((ThemeScheme.GENERAL_COMMENT, "12"), (ThemeScheme.SDG, "16.7")):
        parts.add(partnership, "theme", scheme=scheme, code=code, by=SECRETARIAT)
    parts.add(
        partnership, "formality", kind=FormalityKind.EMAIL, since=done - timedelta(days=200),
        since_precision=Precision.MONTH, by=SECRETARIAT,
    )  # fmt: skip
    parts.add(
        partnership, "formality", kind=FormalityKind.MOU, since=done, since_precision=Precision.MONTH,
        note="Signed by both directors", by=SECRETARIAT,
    )  # fmt: skip
    parts.add(
        partnership, "resource", kind=ResourceKind.MONEY, what="Travel of four youth leaders",
        organisation_id=first.organisation_id, amount=Decimal(1840), currency="USD", given=done,
        given_precision=Precision.YEAR, by=SECRETARIAT,
    )  # fmt: skip
    parts.add(
        partnership, "resource", kind=ResourceKind.STAFF_TIME, what="Two facilitators for a week",
        organisation_id=second.organisation_id, by=SECRETARIAT,
    )  # fmt: skip
    outcome = parts.add(
        partnership, "outcome", actor="Commune council (invented)", change="practice", direction="positive", intended=True,
        statement="The council asks its children's group before it plans the year's budget.",
        significance="Children in the commune had not been asked before.",
        contribution="The visiting youth leaders showed how their own council does it.", by=SECRETARIAT,
    )  # fmt: skip
    _from_outside(partnership, f"outcome:{outcome.id}")


def _from_outside(partnership: Partnership, item: str) -> None:
    """Somebody who belongs to none of the parties is asked, and answers as they would by their link."""
    row = substantiation.ask(
        partnership, name="A teacher of the commune", email="teacher@commune-school.example", item=item, by=SECRETARIAT
    )
    substantiation.answer(
        row, yes=True, seen=substantiation.digest(row), name="A teacher of the commune",
        organisation="Commune school (invented)", relation="Two of the children are in my class.",
        statement="Since that year the council comes to our school before it decides.", apart=True,
    )  # fmt: skip


def _corrected(partnership: Partnership) -> None:
    """A party says that the day was another: both values stand until somebody decides."""
    party, activity = partnership.parties[0], partnership.activities[0]
    question = verification.ask(party, by=SECRETARIAT)
    day = (activity.start or date(2020, 1, 1)) + timedelta(days=40)
    verification.answer(
        question,
        state=VerificationState.CORRECTED,
        by_name=party.focal_person.full_name if party.focal_person else "Focal person",
        seen=verification.digest(partnership, FieldGroup.FACTS),
        words="It was a little later, and in our own office.",
        typed={f"activity:{activity.id}/start": f"{day:%Y-%m}", f"activity:{activity.id}/place": "Our office"},
    )


def _twice(partnership: Partnership) -> None:
    """A colleague logged the same work again, under another title."""
    meeting = partnership.origin.meeting if partnership.origin else None
    again = partnerships.create(
        parties=[party.organisation for party in partnership.parties], meeting=meeting,
        title=f"{partnership.title} (second entry)", by=SECRETARIAT,
    )  # fmt: skip
    parts.add(
        again, "activity", kind=ActivityKind.EXCHANGE_OF_INFORMATION, title="Letters between the two offices", by=SECRETARIAT
    )  # fmt: skip
