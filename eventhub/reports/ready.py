"""What report pages of a large network stand on is made before a process answers its first question, not with it: the
ledger, the map's places and measures, the pages' templates and statements.

Nothing is kept for anybody here: no reader is signed in, and what the pages say is thrown away. Whatever changes until
somebody looks is read then, as ever (``marks``). Small networks need none of this, and it would cost them memory.
"""

from flask import current_app, g

from eventhub.accounts import queries as accounts
from eventhub.meetings import queries as meetings
from eventhub.reports import ledger, marks, memory, service, views_figures, views_network
from eventhub.reports.facts import Facts
from eventhub.reports.scope import Scope
from eventhub.reports.tidy import DATASETS, Source

_TEMPLATES = ("reports/", "layouts/", "macros/")


def make() -> bool:
    """Make the pages ready of the series that they show first; False for a small network, where nothing is done."""
    with current_app.app_context(), current_app.test_request_context():
        if marks.count_partnerships() < memory.READY:
            return False
        held = meetings.list_meetings()
        scope = Scope(held, None, held[0].series if held else None)
        views_figures.figures_page(scope)
        views_network.network_page(views_network.Asked(meetings.list_series(), scope))
        ledger.rehearse()
        service.years(scope.meetings, allowed=None)
        list(DATASETS["partnerships"].records(Source(Facts(scope))))
        if held:
            g.meeting = held[0]
            service.report(held[0])
        accounts.find_signed_in("", "")  # what every signed-in page asks first
        for name in current_app.jinja_env.list_templates(filter_func=lambda name: name.startswith(_TEMPLATES)):
            current_app.jinja_env.get_template(name)
    return True
