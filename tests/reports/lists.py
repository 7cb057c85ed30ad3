from tests.factories.partnerships import a_partnership


def partnerships(meeting, n):
    for _ in range(n):
        a_partnership(meeting)


PAGES = {
    "reports.meeting": partnerships,
    "reports.years": partnerships,
    "reports.network_map": partnerships,
    "reports.figures": partnerships,
}
