from eventhub.audit import SYSTEM
from eventhub.badges import service
from eventhub.db import db
from tests.factories.badges import confirmed_people


def badges(meeting, n):
    for registration in confirmed_people(meeting, n):
        service.issue(registration, by=SYSTEM)
    db.session.commit()


PAGES = {"badges.index": badges}
