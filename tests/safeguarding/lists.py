from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.safeguarding import incidents
from tests.factories.registration import a_child


def children(meeting, n):
    for _ in range(n):
        a_child(meeting, complete=True)


def incident_log(meeting, n):
    for _ in range(n):
        incidents.report(meeting=meeting, text="Something", named=["a@hub.example"], by=SYSTEM)
    db.session.commit()


PAGES = {"safeguarding.children": children, "safeguarding.incident_log": incident_log}
