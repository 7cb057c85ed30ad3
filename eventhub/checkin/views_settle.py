"""What the doors could not know: the organiser's page to settle it, row by row or many at once."""

import re

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub.accounts.guard import may, staff
from eventhub.checkin import facts, settling, unsettled, words
from eventhub.checkin.views import bp
from eventhub.db import db
from eventhub.pages import LARGEST_INT, clean_line, query_number, query_text
from eventhub.security import permission

LISTS = {
    "differ": unsettled.list_differing,
    "aside": unsettled.list_aside,
    "contents": unsettled.list_contents,
}
ACTIONS = ("settle", "count", "leave", "seen")
MOST = 1000  # rows in one go


@bp.get("/to-settle")
@permission("checkin.manage")
def to_settle() -> ResponseReturnValue:
    """One kind of open cases, 50 a page, or what was said lately."""
    counts = unsettled.counts(g.meeting.id)
    kind = query_text("kind")
    if kind not in (*LISTS, "said"):
        kind = next((name for name in LISTS if counts[name]), "differ")
    sees = may("safeguarding.see_children")
    listed = LISTS[kind](g.meeting.id, query_number("page", 1), with_children=sees) if kind in LISTS else None
    return render_template(
        "checkin/to_settle.html",
        kind=kind,
        counts=counts,
        page=listed,
        said=unsettled.list_said(g.meeting.id, with_children=sees) if listed is None else [],
        words=words,
        moment_of=facts.moment,
    )


@bp.post("/to-settle")
@permission("checkin.manage")
def settle() -> ResponseReturnValue:
    """A word on one row (its own button) or on all that are chosen."""
    action = next((name for name in ACTIONS if name in request.form), "")
    items = [request.form[action]] if action else request.form.getlist("items")[:MOST]
    action = action or request.form.get("action", "")
    done = _say(action, items)
    db.session.commit()
    if not items:
        flash(_("No row was chosen. Tick the rows first, then press the button."), "wait")
    elif done:
        flash(_DONE[action](done), "ok")
    if items and done < len(items):
        left = len(items) - done
        flash(
            ngettext(
                "%(num)s row had changed meanwhile, or cannot count. Look at it again.",
                "%(num)s rows had changed meanwhile, or cannot count. Look at them again.",
                left,
            ),
            "wait",
        )
    return redirect(url_for("checkin.to_settle", kind=_KIND.get(action)))


def _say(action: str, items: list[str]) -> int:
    about = {"meeting": g.meeting, "by": staff()}
    if action == "settle":
        return settling.settle_all(unsettled.names(items), **about)
    rows = {int(item) for item in items if re.fullmatch("[0-9]{1,10}", item) and int(item) <= LARGEST_INT}
    if action == "count":
        return settling.let_count(rows, **about)
    if action == "leave":
        reason = str(clean_line(request.form.get("reason", "")))[: settling.LONGEST_REASON]
        return settling.leave_out(rows, reason=reason, **about)
    return settling.look_at(rows, **about) if action == "seen" else 0


_KIND = {"settle": "differ", "count": "aside", "leave": "aside", "seen": "contents"}
_DONE = {
    "settle": lambda n: ngettext("%(num)s scan is settled.", "%(num)s scans are settled.", n),
    "count": lambda n: ngettext("%(num)s scan counts now.", "%(num)s scans count now.", n),
    "leave": lambda n: ngettext("%(num)s scan is left out.", "%(num)s scans are left out.", n),
    "seen": lambda n: ngettext("%(num)s row is noted as looked at.", "%(num)s rows are noted as looked at.", n),
}
