"""Whom the participants of the demo's coming meeting would like to meet, and a seating for the organisers to look at.
Invented."""

from eventhub.audit import SYSTEM
from eventhub.demo.editions import Edition
from eventhub.networking import queries_seating, seating_model, service_seating, wishes
from eventhub.registration.service import participant

ASK = 3  # wishes of each who has any


def fill(edition: Edition) -> None:
    """Most who may be asked agree to be seated and name three; one has wishes but did not agree.

    The solver runs in a process of its own here too: the one that fills the demo stays small.
    """
    listed = queries_seating.askable_ids(edition.meeting.id)
    people = [row for row in edition.confirmed if row.id in listed]
    for n, registration in enumerate(people):
        by = participant(registration)
        if n % 7 != 3:
            wishes.agree(registration, agreed=True, most=2 + n % 3, by=by)
        others = [row for row in people if row.person_id != registration.person_id]
        for k in range(ASK if n % 5 != 4 else 0):
            wishes.add(registration, others[(n * 3 + k * k) % len(others)].id, by=by)
    asked = service_seating.gather(edition.meeting.id)
    seating = seating_model.solve_apart(asked.problem, lambda: None)
    service_seating.propose(edition.meeting, asked, seating, by=SYSTEM)
