from eventhub.accounts import queries, sign_ins
from eventhub.db import db
from tests.accounts.staff import a_colleague


def colleagues(meeting, n):
    for _ in range(n):
        a_colleague(meeting=meeting)


def my_browsers(_meeting, n):
    user = queries.find_user("administrator@staff.example")  # who opens the pages
    for number in range(n):
        sign_ins.begin(user, browser="Firefox, Linux", address=f"10.0.0.{number}")
    db.session.commit()


PAGES = {"accounts.index": colleagues, "accounts.signed_in": my_browsers}
