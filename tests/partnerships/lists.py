from tests.factories.partnerships import a_partnership, confirm


def partnerships(meeting, n):
    for i in range(n):
        partnership = a_partnership(meeting)
        if i == 0:
            confirm(partnership)


PAGES = {"partnerships.index": partnerships}
