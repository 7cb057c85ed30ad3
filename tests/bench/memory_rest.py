"""What everything that `eventhub up` starts holds in memory at rest, as PSS (shared pages counted once)."""

from pathlib import Path
from typing import Any

from tests.bench.place import Place

LIMIT = 250  # MB


def measure(place: Place) -> dict[str, Any]:
    """MB after the first page was served and the machine went quiet."""
    live = place.live
    live.status("/")
    place.rest()
    value = sum(pss(p.pid) for p in live.family()) / 1024
    return {
        "name": "memory_rest",
        "value": round(value, 1),
        "unit": "MB",
        "limit": LIMIT,
        "ratio": round(value / LIMIT, 3),
    }


def pss(pid: int) -> int:
    """Proportional set size in kB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
