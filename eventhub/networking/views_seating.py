"""Staff pages of the seating: let the solver seat everybody, look at the whole, leave out, publish or throw away."""

from collections import Counter
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.networking import queries_seating, seating_words
from eventhub.networking import service_seating as service
from eventhub.networking.models_seating import ProposedSeat, SeatingProposal
from eventhub.networking.states_seating import ProposalState, SeatState
from eventhub.programme.queries import by_day
from eventhub.security import permission

bp = Blueprint("seating", __name__, url_prefix="/staff/m/<slug>/seating")


@bp.get("")
@permission("networking.edit")
def index() -> ResponseReturnValue:
    """Who agreed, the work that runs, the open proposal or what was published last."""
    job = queries_seating.find_job(g.meeting.id, service.SOLVE, service.PUBLISH)
    proposal = queries_seating.find_proposal(g.meeting.id)
    wishes = queries_seating.live_wishes(g.meeting.id)
    ground = service.ground(g.meeting.id)
    return render_template(
        "networking/seating.html",
        job=job,
        proposal=proposal,
        agreed=len(ground.wants),
        wishes=sum(who in ground.wants for who, _whom in wishes),
        waiting=len({who for who, _whom in wishes} - ground.wants.keys()),
        room=sum(len(tables) for tables in ground.tables),
        **(_shown(proposal, wishes, ground) if proposal is not None else {}),
    )


def _shown(proposal: SeatingProposal, wishes: dict[tuple[int, int], int], ground: service.Ground) -> dict[str, Any]:
    """The seats by day with what stands in their way, each person's share, and who has none."""
    seats = queries_seating.list_seats(proposal.id)
    kept = [seat for seat in seats if seat.state is SeatState.KEPT]
    is_open = proposal.state is ProposalState.PROPOSED
    counted = [seat for seat in seats if seat.state in (SeatState.KEPT, SeatState.PUBLISHED)]
    return {
        "days": by_day(seats, g.meeting.tz),
        "bars": service.bars(proposal.meeting_id, kept, ground) if is_open else {},
        "counts": Counter(seat.state.value for seat in seats),
        "wished": {seat.id: [(a, b) in wishes for a, b in _both(seat)] for seat in seats},
        "shares": _shares(counted, wishes),
        "unseated": _unseated(proposal),
        "bar_text": seating_words.bar,
        "none_text": seating_words.nobody,
    }


def _both(seat: ProposedSeat) -> list[tuple[int, int]]:
    return [(seat.a_id, seat.b_id), (seat.b_id, seat.a_id)]


def _shares(seats: list[ProposedSeat], wishes: dict[tuple[int, int], int]) -> list[dict[str, Any]]:
    """Each seated person with their number of wishes, how many of them are met, and how many 1:1 meetings they get."""
    people = {row.id: row for seat in seats for row in (seat.a, seat.b)}
    sits = Counter(ident for seat in seats for ident in (seat.a_id, seat.b_id))
    met = Counter(who for seat in seats for who, whom in _both(seat) if (who, whom) in wishes)
    wished = Counter(who for who, _whom in wishes)
    ordered = sorted(people.values(), key=lambda row: (met[row.id], sits[row.id], row.person.sort_key, row.id))
    return [{"who": row, "wishes": wished[row.id], "met": met[row.id], "sits": sits[row.id]} for row in ordered]


def _unseated(proposal: SeatingProposal) -> list[tuple[Any, str]]:
    """Who agreed and sits with nobody, by name, with the reason; without those who do not take part any more."""
    why = dict(proposal.figures.get("none", []))
    return [(row, why[row.id]) for row in queries_seating.list_taking_part(why)] if why else []


@bp.post("/start")
@permission("networking.edit")
def start() -> ResponseReturnValue:
    service.start(g.meeting, fill=request.form.get("fill") == "1", by=staff())
    db.session.commit()
    flash(_("The work has begun. What comes of it is shown here, and nobody is told before you publish it."), "ok")
    return redirect(url_for("seating.index"), 303)


@bp.post("/<int:proposal_id>/choose")
@permission("networking.edit")
def choose(proposal_id: int) -> ResponseReturnValue:
    """Leave the chosen seats out, or take them in again."""
    proposal = queries_seating.get_proposal(g.meeting.id, proposal_id)
    ids = {int(text) for text in request.form.getlist("ids") if text.isdecimal() and len(text) < 10}
    changed = service.choose(proposal, ids, keep=request.form.get("action") == "keep", by=staff())
    db.session.commit()
    flash(ngettext("%(num)d 1:1 meeting was changed.", "%(num)d 1:1 meetings were changed.", changed), "ok")
    return redirect(url_for("seating.index"), 303)


@bp.post("/<int:proposal_id>/publish")
@permission("networking.edit")
def publish(proposal_id: int) -> ResponseReturnValue:
    proposal = queries_seating.get_proposal(g.meeting.id, proposal_id)
    started = service.publish(proposal, by=staff())
    db.session.commit()
    if started is not None:
        flash(_("Published. The worker seats one pair after the other and writes to both."), "ok")
    return redirect(url_for("seating.index"), 303)


@bp.post("/<int:proposal_id>/withdraw")
@permission("networking.edit")
def withdraw(proposal_id: int) -> ResponseReturnValue:
    service.withdraw(queries_seating.get_proposal(g.meeting.id, proposal_id), by=staff())
    db.session.commit()
    flash(_("The proposal was thrown away. Nobody was told of it."), "ok")
    return redirect(url_for("seating.index"), 303)
