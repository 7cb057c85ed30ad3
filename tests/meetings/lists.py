from tests.factories.basics import a_meeting


def meetings(_meeting, n):
    for _ in range(n):
        a_meeting()


PAGES = {"meetings.index": meetings, "site.home": meetings}
