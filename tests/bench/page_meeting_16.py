"""The public page of the demo's coming meeting, 16 readers at once; limit: an empty route of the same server."""

from typing import Any

from eventhub.demo.editions import COMING
from tests.bench import load
from tests.bench.place import Place

PATH = f"/m/{COMING}"


def measure(place: Place) -> dict[str, Any]:
    """Answers per second, beside those of ``/empty`` measured just before and just after."""
    base_url, path = place.live.url, PATH
    load.pages_per_second(base_url, path, seconds=1)
    before, _ = load.pages_per_second(base_url, "/empty", seconds=3)
    value, latencies = load.pages_per_second(base_url, path, seconds=5)
    after, _ = load.pages_per_second(base_url, "/empty", seconds=3)
    limit = (before + after) / 2
    return {
        "name": "page_meeting_16",
        "value": round(value, 1),
        "unit": "pages/s",
        "limit": round(limit, 1),
        "ratio": round(value / limit, 3),
        **load.percentiles(latencies),
    }
