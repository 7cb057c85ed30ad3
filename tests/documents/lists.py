from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.documents import service
from tests.factories.badges import confirmed_people
from tests.factories.documents import let_in


def certificates(meeting, n):
    let_in(meeting, *confirmed_people(meeting, n))
    service.issue_missing(meeting, by=SYSTEM)
    let_in(meeting, *confirmed_people(meeting, n))
    db.session.commit()


PAGES = {"documents.index": certificates}
