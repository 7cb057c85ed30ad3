from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.networking import seating_model, service_seating
from tests.factories.networking import a_profile, suggestions_of
from tests.factories.one_to_one import a_table, a_window, who_wants_to_be_seated
from tests.factories.partnerships import an_introduction


def introductions(meeting, n):
    for _ in range(n):
        an_introduction(meeting)


def profiles(meeting, n):
    for _ in range(n):
        a_profile(meeting, offers=["5"], country=["JP"], person={"organisation": "Lotus Network"})


def suggested(meeting, n):
    for k in range(n):
        a_profile(meeting, offers=["5"], seeks=["5"], person={"organisation": f"Network {k}"})
    suggestions_of(meeting)


def windows_and_tables(meeting, n):
    hour = 6 if n == 3 else 8
    for k in range(n):
        a_window(meeting, f"{hour + k // 6:02}:{k % 6}0", f"{hour + k // 6:02}:{k % 6}9", 5)
        a_table(meeting, f"Table {n}-{k}")


def seatings(meeting, n):
    """A proposal of n pairs, and a third as many people who sit with nobody."""
    windows_and_tables(meeting, n)
    for k in range(n):
        whom = who_wants_to_be_seated(meeting, f"Dara {n}-{k}")
        who_wants_to_be_seated(meeting, f"Malee {n}-{k}", whom)
        if k % 3 == 0:
            who_wants_to_be_seated(meeting, f"Omar {n}-{k}")
    asked = service_seating.gather(meeting.id)
    service_seating.propose(meeting, asked, seating_model.solve(asked.problem), by=SYSTEM)
    db.session.commit()


PAGES = {
    "networking.index": introductions,
    "offers.index": profiles,
    "offers.suggested": suggested,
    "one_to_one_staff.index": windows_and_tables,
    "seating.index": seatings,
}
