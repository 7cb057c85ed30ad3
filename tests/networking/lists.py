from tests.factories.networking import a_profile
from tests.factories.partnerships import an_introduction


def introductions(meeting, n):
    for _ in range(n):
        an_introduction(meeting)


def profiles(meeting, n):
    for _ in range(n):
        a_profile(meeting, offers=["5"], country=["JP"], person={"organisation": "Lotus Network"})


PAGES = {"networking.index": introductions, "offers.index": profiles}
