"""Certificates of attendance as PDF: one person's, or all of a meeting's in one file."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from eventhub.badges import cards
from eventhub.badges.sheet import drawn_band, plain
from eventhub.documents import queries
from eventhub.documents.models import Document
from eventhub.errors import RuleError
from eventhub.meetings.models import Meeting
from eventhub.typeset import typeset
from eventhub.ui import day_text

TEMPLATE = "documents/certificate.typ"
MOST = 2000  # certificates in one file
MANY = 24  # more are typeset in a process of their own


def one_pdf(document: Document) -> bytes:
    """One person's certificate."""
    meeting = document.registration.meeting
    return _pdf(meeting, queries.holders(meeting.id, with_children=True, document_id=document.id))


def all_pdf(meeting: Meeting, *, with_children: bool) -> tuple[bytes, int]:
    """Every certificate of a meeting by name, and how many; raises RuleError for none, or too many for one file."""
    holders = queries.holders(meeting.id, with_children=with_children)
    if not holders:
        raise RuleError(_("Nobody was checked in yet, so there is no certificate. Look at the door's page."))
    if len(holders) > MOST:
        raise RuleError(
            _("These are %(number)s certificates; one file holds %(most)s.", number=len(holders), most=MOST)
        )
    return _pdf(meeting, holders), len(holders)


def _pdf(meeting: Meeting, holders: Sequence[Any]) -> bytes:
    occasion = cards.occasion(meeting)
    with force_locale("en"):
        certificates = [_record(holder, meeting.tz) for holder in holders]
    data = {
        "meeting": {key: plain(value) for key, value in asdict(occasion).items() if key != "band"}
        | {
            "series": plain(meeting.series.name),
            "theme": plain(meeting.theme),
            "secretariat": plain(meeting.series.secretariat),
        },
        "certificates": certificates,
    }
    one = len(certificates) == 1
    return typeset(TEMPLATE, data, {"band": drawn_band(occasion.band)}, tagged=one, apart=len(certificates) > MANY)


def _record(holder: Any, tz: str) -> dict[str, str]:
    name, latin, _called = cards.names(holder)
    return {
        "name": plain(name),
        "latin_name": plain(latin),
        "organisation": plain(holder.organisation or ""),
        "language": holder.language,
        "country_code": holder.country or "",
        "number": holder.number,
        "issued": day_text(holder.issued_at, tz=tz),
    }
