"""A new web process, as any server starts one: ``wsgi.app`` is loaded and makes the report pages ready, then it forks.
In each child, who has answered nothing yet, somebody opens one report page for the first time.

Run by ``report_pages_10x`` with its database in the environment: ``python -m tests.bench.first_view USER PAGE …``.
"""

import json
import logging
import os
import statistics
import sys
import time

ROUNDS = 3


def main() -> None:
    """Print {"started": seconds, "pages": {page: seconds}, "changed": {page: seconds}}: until the process could answer,
    each page's median, and its median where somebody changed a record after the process began."""
    user, *pages = sys.argv[1:]
    start = time.perf_counter()
    from wsgi import app

    started = time.perf_counter() - start
    logging.disable()
    app.config.update(WTF_CSRF_ENABLED=False)
    found = {page: _first(app, user, page) for page in pages}
    changed = {page: _first(app, user, page, change=True) for page in pages}
    sys.stdout.write(json.dumps({"started": started, "pages": found, "changed": changed}))


def _first(app, user: str, page: str, change: bool = False) -> float:
    """Seconds of the first request that a child answers, the median of some children."""
    from tests.bench import reports_speed

    taken = []
    for number in range(ROUNDS):
        if change:
            _in_child(lambda number=number: reports_speed.change(app, number))
        taken.append(float(_in_child(lambda: _seconds(reports_speed.signed_in(app, user), page))))
    return statistics.median(taken)


def _seconds(browser, page: str) -> float:
    start = time.perf_counter()
    answer = browser.get(page)
    taken = time.perf_counter() - start
    assert answer.status_code == 200, (page, answer.status_code)
    return taken


def _in_child(run) -> str:
    """What ``run`` returns in a forked process, as gunicorn forks its own, in words."""
    there, here = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.write(here, str(run()).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(here)
    with os.fdopen(there) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, run
    return said


if __name__ == "__main__":
    main()
