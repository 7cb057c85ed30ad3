from eventhub import clock
from eventhub.db import db
from eventhub.reports.models import IssuedReport
from tests.factories.partnerships import a_partnership


def partnerships(meeting, n):
    for _ in range(n):
        a_partnership(meeting)


def issued(meeting, n):
    first = db.session.query(IssuedReport).count()
    for number in range(first, first + n):
        facts = {"number": f"R-2026-{number:03}", "title": "What came of it", "meeting_ids": [meeting.id]}
        db.session.add(IssuedReport(as_of=clock.today(), **facts))
    db.session.commit()


PAGES = {
    "reports.meeting": partnerships,
    "reports.years": partnerships,
    "reports.network_map": partnerships,
    "reports.figures": partnerships,
    "reports.issued": issued,
}
