from tests.accounts.staff import a_colleague


def colleagues(meeting, n):
    for _ in range(n):
        a_colleague(meeting=meeting)


PAGES = {"accounts.index": colleagues}
