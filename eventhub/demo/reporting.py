"""The demo's report to a funder who does not exist: so that there is one to open, and a next one to compare with it."""

from eventhub.demo.editions import SECRETARIAT
from eventhub.reports import issuing


def fill() -> None:
    """Issue it, about the invented series only."""
    issuing.issue(
        issuing.read_scope({"series": "riverside-forum"}, None),
        title="What came of the Riverside Partnership Forum",
        funder="River Fund (invented)",
        name_all=True,
        by=SECRETARIAT,
        progress=lambda _done, _total: None,
    )
