from tests.factories.partnerships import an_introduction


def introductions(meeting, n):
    for _ in range(n):
        an_introduction(meeting)


PAGES = {"networking.index": introductions}
