"""All figures, in the order in which a report has them: who came, what came of it. Importing them registers them."""

from eventhub.reports import figures_people, figures_known, figures_partnerships  # isort: skip  # the order of the report
from eventhub.reports.figures import Figure, keys, make, make_all

__all__ = ["Figure", "figures_known", "figures_partnerships", "figures_people", "keys", "make", "make_all"]
