"""Staff pages: decide about what a party corrected, with both values in sight."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import staff
from eventhub.partnerships import corrections, forms, queries
from eventhub.partnerships.models import Proposal
from eventhub.partnerships.views import bp, load, saved
from eventhub.security import permission


@bp.post("/partnerships/<int:partnership_id>/corrections/<int:part_id>")
@permission("partnerships.edit")
def decide(partnership_id: int, part_id: int) -> ResponseReturnValue:
    """Take a party's correction over, or keep the record as it stands."""
    proposal: Proposal = queries.get_part(Proposal, load(partnership_id, "partnerships.edit"), part_id)
    seen = forms.VersionForm().seen_version
    if request.form.get("decision") == "accept":
        corrections.accept(proposal, by=staff(), version=seen)
        return saved(partnership_id, _("The record says so now. Ask the parties to confirm it."))
    corrections.decline(proposal, by=staff(), version=seen)
    return saved(partnership_id, _("The record stays as it is. What the party said is kept."))
