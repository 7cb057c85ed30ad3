"""All figures, in the order in which a report has them: who came, what came of it. Importing them registers them."""

from eventhub.reports import figures_people, figures_known, figures_partnerships  # isort: skip  # the order of the report
from eventhub.reports.figures import Figure, keys, make, make_all

# the chapters of a report, and the figures of each in their order
CHAPTERS = {
    "came": ("funnel", "growth", "sectors", "returning", "quotas"),
    "grew": ("stages", "crossing", "levels", "origins", "country_pairs", "themes"),
    "known": ("evidence", "first_activity", "cohorts", "replies", "commitments"),
}

__all__ = ["CHAPTERS", "Figure", "figures_known", "figures_partnerships", "figures_people", "keys", "make", "make_all"]
