"""In which order the modules of tests begin: those that take long first, so that no core idles at the end of a run."""

from collections import Counter
from pathlib import Path

import pytest

# the longest first, by what they wait and compute together; the others follow, those with most tests first
LONGEST = (
    "journeys/test_every_page.py",
    "journeys/test_wheel.py",
    "journeys/test_broker_away.py",
    "checkin/test_rows.py",
    "house/test_up.py",
    "journeys/test_look.py",
    "journeys/test_seed_story.py",
    "journeys/test_morning.py",
    "registration/test_faults.py",
    "mail/test_killed.py",
    "house/test_schema.py",
    "house/test_lists.py",
    "https/test_venue.py",
    "checkin/test_app_camera.py",
    "checkin/test_rules_law.py",
    "checkin/test_schema.py",
    "checkin/test_batches.py",
    "reports/test_issued.py",
    "checkin/test_app_sync.py",
    "checkin/test_app_end.py",
    "partnerships/test_truth.py",
    "demo/test_demo.py",
    "checkin/test_kiosk_page.py",
    "checkin/test_app_children.py",
    "house/test_routes.py",
    "accounts/test_signin.py",
)
TESTS = Path(__file__).parent
PLACES = {(TESTS / module).resolve(strict=True): place for place, module in enumerate(LONGEST)}


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests in that order; those of one module stay together and as they are."""
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (PLACES.get(item.path, len(PLACES)), -sizes[item.path], item.path))
