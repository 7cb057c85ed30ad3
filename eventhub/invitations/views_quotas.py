"""Staff page of the quotas: target and actual per sector and country, and the list of sectors."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.errors import NotFoundError
from eventhub.invitations import forms, queries, queries_quotas, service_quotas
from eventhub.invitations.views import bp
from eventhub.pages import query_number, query_text
from eventhub.registration import queries as registrations
from eventhub.security import permission


@bp.get("/quotas")
@permission("invitations.read")
def quotas() -> ResponseReturnValue:
    form = forms.QuotaForm(formdata=None, sector_id=query_number("sector", 0), country=query_text("country", 8))
    return _page(form, forms.SectorForm(formdata=None))


@bp.post("/quotas")
@permission("invitations.edit")
def set_quota() -> ResponseReturnValue:
    form = forms.QuotaForm()
    if not form.validate():
        return _page(form, forms.SectorForm(formdata=None)), 422
    sector = queries.find_sector(form.sector_id.data)
    if sector is None:
        raise NotFoundError
    service_quotas.set_quota(
        meeting=g.meeting, sector=sector, country=form.country.data, seats=form.seats.data, by=staff()
    )
    db.session.commit()
    flash(_("The target was saved.") if form.seats.data is not None else _("The target was taken away."), "ok")
    return redirect(url_for("invitations.quotas"))


@bp.post("/sectors")
@permission("invitations.edit")
def add_sector() -> ResponseReturnValue:
    form = forms.SectorForm()
    if not form.validate():
        return _page(forms.QuotaForm(formdata=None), form), 422
    service_quotas.add_sector(form.name.data or "", by=staff())
    db.session.commit()
    flash(_("The sector is in the list. It can be used in every meeting."), "ok")
    return redirect(url_for("invitations.quotas"))


def _page(form: forms.QuotaForm, sector_form: forms.SectorForm) -> str:
    lines = queries_quotas.list_quota_lines(g.meeting.id, registrations.count_by_sector(g.meeting.id))
    return render_template("invitations/quotas.html", form=form, sector_form=sector_form, lines=lines)
