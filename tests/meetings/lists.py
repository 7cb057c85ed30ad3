from eventhub import audit
from tests.factories.basics import a_meeting


def meetings(_meeting, n):
    for _ in range(n):
        a_meeting()


def acts(meeting, n):
    for _ in range(n):
        audit.record(audit.SYSTEM, "changed", meeting, meeting_id=meeting.id)


PAGES = {"meetings.index": meetings, "meetings.overview": acts, "site.home": meetings}
