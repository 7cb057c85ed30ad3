from tests.factories.networking import a_profile, suggestions_of
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


PAGES = {"networking.index": introductions, "offers.index": profiles, "offers.suggested": suggested}
