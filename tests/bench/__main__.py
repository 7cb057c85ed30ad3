"""``python -m tests.bench [NAME …]``: our speed beside the raw limit of the same run, one JSON object a line.

``DB=postgresql`` (the default; a PostgreSQL of our own with fsync on) or ``DB=sqlite``. Machines are noisy: trust the
ratios, and run it more than once.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("DB", "postgresql")

from tests.bench import (
    badges_500,
    checkin,
    cost,
    door_verdict,
    mail_200,
    memory_rest,
    page_meeting_16,
    registration_16,
    reports_speed,
    roster,
    seating_300,
    suggest_1000,
    sync,
)
from tests.bench.place import Place

BENCHES: dict[str, Callable[[Place], dict[str, Any]]] = {
    "memory_rest": memory_rest.measure,
    "page_meeting_16": page_meeting_16.measure,
    "registration_16": registration_16.measure,
    "checkin_1": lambda place: checkin.measure(place, clients=1),
    "checkin_16": lambda place: checkin.measure(place, clients=16),
    "checkin_cost": cost.measure,
    "sync_10000": sync.measure,
    "roster_10000": roster.measure,
    "door_verdict_ms": door_verdict.measure,
    "badges_500": badges_500.measure,
    "mail_200": mail_200.measure,
    "suggest_1000": suggest_1000.measure,
    "seating_300": seating_300.measure,
    "network_400": reports_speed.network_400,
    "report_pdf": reports_speed.report_pdf,
    "report_pages_10x": reports_speed.report_pages_10x,
}


@contextmanager
def a_place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="eventhub-bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as a user of its own
        place = Place(Path(folder))
        try:
            yield place
        finally:
            place.stop()


def main() -> int:
    """Measure all, or those named; exit 2 for an unknown name."""
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        sys.stderr.write(f"There is no bench {', '.join(unknown)}. There are: {', '.join(BENCHES)}\n")
        return 2
    with a_place() as place:
        for name in names:
            place.rest()  # what the measure before has left for the worker is not this one's
            sys.stdout.write(json.dumps(BENCHES[name](place)) + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
