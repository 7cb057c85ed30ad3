"""The demo is believable, and the one real case in it claims no more than its source."""

from collections import Counter
from datetime import date

import pytest
import sqlalchemy as sa

from eventhub import clock, trail
from eventhub.audit import AuditEntry
from eventhub.db import db
from eventhub.demo import service as demo
from eventhub.directory.models import Organisation, Person, Precision
from eventhub.invitations.models import Invitation
from eventhub.invitations.states import InvitationState
from eventhub.mail.models import Message
from eventhub.mail.states import MessageState
from eventhub.meetings import queries as meetings
from eventhub.networking.models import Introduction
from eventhub.partnerships import queries as partnerships
from eventhub.partnerships.models import FollowUp, Partnership, Verification
from eventhub.partnerships.states import OriginKind, PartnershipState, Rung
from eventhub.partnerships.timing import contact_of, time_to_first
from eventhub.safeguarding.models import Consent
from tests import demo_data


@pytest.mark.once
def test_the_demo(app, run_folder):
    """One filling, looked at from all sides."""
    demo_data.fill(app, run_folder)
    assert demo.fill_once("again") is False
    organisations = db.session.scalars(sa.select(Organisation)).all()
    assert len(organisations) >= 60 and len({o.country for o in organisations}) == 22
    assert db.session.scalar(sa.select(sa.func.count(Person.id)).where(~Person.is_child)) >= 240
    scripts = {name.script for o in organisations for name in o.names}
    assert {"Khmr", "Thai", "Laoo", "Mymr", "Deva", "Beng", "Sinh", "Taml", "Arab", "Thaa", "Cyrl"} <= scripts
    _editions()
    kinds = set(db.session.scalars(sa.select(AuditEntry.subject_kind).distinct()))
    assert kinds - set(trail.KINDS) == set()  # each has words on the page of what happened lately
    assert {i.state for i in db.session.scalars(sa.select(Invitation))} == set(InvitationState)
    _partnerships()
    _letters()
    _real_case()


def _editions() -> None:
    today = clock.today("Asia/Bangkok")
    forum = [m for m in meetings.list_meetings() if m.series.slug == "riverside-forum"]
    assert sorted(m.edition_no for m in forum) == [1, 2, 3, 4, 5]
    assert [m.edition_no for m in forum if m.starts > today] == [5]
    years = {m.year for m in forum}
    assert len(years) == 5 and max(years) - min(years) == 5  # with a gap year


def _partnerships() -> None:
    rows = db.session.scalars(sa.select(Partnership)).all()
    assert {p.state for p in rows} >= {PartnershipState.PROPOSED, PartnershipState.ACTIVE, PartnershipState.DORMANT}
    assert {partnerships.standing(p).rung for p in rows} == set(Rung)
    assert db.session.scalar(sa.select(sa.func.count(FollowUp.id))) > 20


def _letters() -> None:
    states = Counter(db.session.scalars(sa.select(Message.state)))
    assert set(states) == {MessageState.SENT, MessageState.QUEUED}  # past ones went then; today's wait for the worker
    assert states[MessageState.QUEUED] < 100


def _real_case() -> None:
    case = db.session.scalar(sa.select(Partnership).where(Partnership.title.contains("C-Rights")))
    assert partnerships.standing(case).rung is Rung.REPORTED
    assert {party.organisation.name for party in case.parties} == {"C-Rights", "CRC-Cambodia"}
    origin = case.origin
    assert (origin.kind, origin.session_id) == (OriginKind.UNKNOWN, None)
    assert (origin.first_contact.year, origin.first_contact_precision) == (2018, Precision.YEAR)
    introduction = db.session.get(Introduction, origin.introduction_id)
    assert introduction.introduced_by_id is None and introduction.a_answer is None and introduction.b_answer is None
    visit = next(a for a in case.activities if a.start)
    assert (visit.start, visit.start_precision, visit.counts) == (date(2020, 2, 18), Precision.DAY, {})
    span = time_to_first(case.activities, contact_of(origin))
    assert (span.least, span.most) == (
        (date(2020, 2, 18) - date(2018, 12, 31)).days,
        (date(2020, 2, 18) - date(2018, 1, 1)).days,
    )
    assert "Svay Rieng" in case.contexts[0].text and not any("Svay Rieng" in a.title for a in case.activities)
    asked = db.session.scalar(sa.select(sa.func.count(Verification.id)).where(Verification.partnership_id == case.id))
    focal = [party.focal_person_id for party in case.parties if party.focal_person_id]
    consents = db.session.scalar(sa.select(sa.func.count(Consent.id)).where(Consent.person_id.in_(focal)))
    assert (asked, consents) == (0, 0)
