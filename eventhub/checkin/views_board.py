"""Who is here, as it changes, and the list for an evacuation. Printing the list is in the audit, with who did it."""

from collections import Counter
from typing import Any

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from eventhub import audit, clock
from eventhub.accounts.guard import may, staff
from eventhub.checkin import evacuation, facts, queries, queries_evacuation, unsettled
from eventhub.checkin.views import bp
from eventhub.db import db
from eventhub.files import attachment_name
from eventhub.pages import query_text
from eventhub.security import permission
from eventhub.waits import numbers

MOST_SHOWN = 300  # names of one checkpoint: the page is made anew whenever somebody comes


def present(text: str) -> dict[str, Any]:
    """What the part of the board that changes needs, and how many scans wait for a word."""
    about = queries.about(g.meeting.id)
    day = about.day(facts.milliseconds(clock.now()))
    found = queries.list_present(g.meeting.id, day) if day else []
    sees = may("safeguarding.see_children")
    by_checkpoint: dict[int | None, list[queries.Present]] = {}
    for each in queries.only_named([p for p in found if sees or not p.is_child], text):
        by_checkpoint.setdefault(each.checkpoint_id, []).append(each)
    confirmed, *to_settle = numbers([queries.count_confirmed(g.meeting.id), *unsettled.counted(g.meeting.id).values()])
    mark, inside = queries_evacuation.mark(about, day) if day else ("", 0)
    return {
        "day": day,
        "checkpoints": [c for c in queries.list_checkpoints(g.meeting.id) if c.day in (None, day)],
        "present": by_checkpoint,
        "counts": Counter(p.checkpoint_id for p in found),
        "inside": inside,
        "mark": mark,
        "unnamed": sum(p.is_child for p in found) if not sees else 0,
        "confirmed": confirmed,
        "to_settle": sum(to_settle),
        "q": text,
        "most": MOST_SHOWN,
        "now": clock.now(),
        "moment_of": facts.moment,
    }


@bp.get("/here")
@permission("checkin.use")
def board() -> ResponseReturnValue:
    """Who is here now, per checkpoint; to search. It looks again by itself."""
    return render_template("checkin/board.html", **present(query_text("q")))


@bp.get("/here/now")
@permission("checkin.use")
def board_now() -> ResponseReturnValue:
    """The part of the board that changes, or nothing (204) while it is as the page knows it."""
    about = queries.about(g.meeting.id)
    day = about.day(facts.milliseconds(clock.now()))
    if day and query_text("mark") == queries_evacuation.mark(about, day)[0]:
        return "", 204
    return render_template("checkin/board_now.html", **present(query_text("q")))


@bp.route("/here/evacuation", methods=["GET", "POST"])
@permission("checkin.use")
def evacuation_list() -> ResponseReturnValue:
    """Everybody in the building, once. By POST it is noted as printed, and the browser prints it."""
    found = queries_evacuation.evacuation(queries.about(g.meeting.id), with_children=may("safeguarding.see_children"))
    printed = request.method == "POST"
    if printed:
        _note(found)
    return render_template("checkin/evacuation.html", found=found, printed=printed, moment_of=facts.moment, by=_name())


@bp.post("/here/evacuation.pdf")
@permission("checkin.use")
def evacuation_pdf() -> ResponseReturnValue:
    found = queries_evacuation.evacuation(queries.about(g.meeting.id), with_children=may("safeguarding.see_children"))
    made = evacuation.pdf(g.meeting, found, by_name=_name())
    _note(found)
    headers = {
        "Content-Disposition": attachment_name(f"evacuation-{g.meeting.slug}.pdf"),
        "Cache-Control": "no-store",
    }
    return Response(made, mimetype="application/pdf", headers=headers)


def _note(found: queries_evacuation.Evacuation) -> None:
    audit.record(staff(), "printed the evacuation list of", g.meeting, meeting_id=g.meeting.id, people=found.count)
    db.session.commit()


def _name() -> str:
    return str(current_user.name or current_user.email)
