from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.documents import service
from tests.factories.badges import confirmed_people
from tests.factories.documents import let_in
from tests.factories.programme import a_session


def certificates(meeting, n):
    let_in(meeting, *confirmed_people(meeting, n))
    service.issue_missing(meeting, by=SYSTEM)
    let_in(meeting, *confirmed_people(meeting, n))
    db.session.commit()


def sheets(meeting, n):
    for _ in range(n):
        a_session(meeting)
    let_in(meeting, *confirmed_people(meeting, n))


PAGES = {"documents.index": certificates, "documents.sheets": sheets}
