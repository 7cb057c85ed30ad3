from tests.factories.jobs import a_job


def jobs(meeting, n):
    for _ in range(n):
        a_job(meeting=meeting)


PAGES = {"jobs.index": jobs}
