"""The certificate behind a participant's personal link."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import security
from eventhub.documents import printing, queries
from eventhub.errors import NotFoundError
from eventhub.files import attachment_name
from eventhub.registration import queries as registrations
from eventhub.security import public

bp = Blueprint("certificate", __name__)


@bp.get("/me/<token>/certificate.pdf")
@public
@security.limiter.limit("60/minute")
def pdf(token: str) -> ResponseReturnValue:
    document = queries.find_certificate(registrations.get_by_link(token).id)
    if document is None:
        raise NotFoundError(_("There is no certificate yet. The secretariat issues them after the meeting."))
    headers = {
        "Content-Disposition": attachment_name(f"certificate-{document.number}.pdf"),
        "Cache-Control": "no-store",
    }
    return Response(printing.one_pdf(document), mimetype="application/pdf", headers=headers)
