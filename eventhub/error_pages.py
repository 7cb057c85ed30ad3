"""What a person reads when something does not work: one page for every error, with the way on; for the API a problem.

What a rule says no to is said in the rule's own sentence. What nobody foresaw is logged and never shown.
"""

import logging
from collections.abc import Sequence

import sqlalchemy as sa
from flask import Flask, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter import RateLimitExceeded
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from eventhub import problems
from eventhub.db import db
from eventhub.errors import LinkError, NotFoundError, RuleError, StaleError
from eventhub.meetings import queries as meetings

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Answer every error that reaches Flask, as a page or as a problem of the API."""
    app.register_error_handler(RuleError, _rule_error)
    app.register_error_handler(StaleDataError, lambda _error: _rule_error(StaleError()))
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    # SQLite's driver refuses a number of more than 64 bits, and both refuse half a character, without a DBAPI error
    for kind in (sa.exc.DataError, OverflowError, UnicodeEncodeError):
        app.register_error_handler(kind, _data_error)
    # what was deleted between two steps of one request, and what two requests made at once
    app.register_error_handler(NoResultFound, lambda _error: _rule_error(NotFoundError()))
    app.register_error_handler(sa.exc.IntegrityError, _collision)
    for away in (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError):
        app.register_error_handler(away, _database_away)
    app.register_error_handler(Exception, _unforeseen)


def _rule_error(error: RuleError) -> ResponseReturnValue:
    db.session.rollback()
    if problems.wanted():
        return problems.answer(error.status, str(error))
    if request.method == "POST" and error.status == 409 and request.referrer:
        flash(str(error), "stop")
        return redirect(request.referrer)
    if isinstance(error, LinkError) and error.meeting_id is not None:
        g.meeting = meetings.get_by_id(error.meeting_id)
    # a form that is not its page's own, or a mere button: the page that it stood on is one step away
    above = _page_above() if request.method == "POST" and not isinstance(error, LinkError) else None
    return _page(error.status, str(error), [(_("Back to the page"), above)] if above is not None else [])


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    wait: dict[str, str] = {}
    if isinstance(error, RateLimitExceeded):
        seconds = error.limit.limit.get_expiry()
        wait["Retry-After"] = str(seconds)
        # the limit itself ("20 per 1 minute") is no sentence for somebody with a phone in their hand
        error.description = _("That was asked too often. Wait %(n)s seconds, then try again.", n=seconds)
    if problems.wanted():
        response = problems.of_http(error)
        response.headers.update(wait)
        return response
    above = _page_above() if error.code == 405 and request.method == "GET" else None
    if above is not None:
        query = request.query_string.decode("utf-8", "replace")
        return redirect(f"{above}?{query}" if query else above)
    page, status = _page(error.code, str(_SENTENCES.get(error.code) or RuleError.sentence))
    return page, status, wait


def _page_above() -> str | None:
    """The page whose form is sent to this address: who reloads a form's answer, or comes back to it, lands there."""
    adapter, parts = current_app.create_url_adapter(request), request.path.rstrip("/").split("/")
    for end in range(len(parts) - 1, 1, -1):
        for path in ("/".join(parts[:end]) + "/", "/".join(parts[:end])):
            if adapter is not None and adapter.test(path, "GET"):
                return path
    return None


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    if problems.wanted():
        return problems.answer(400, _("The form's security token is missing or too old."))
    return _page(
        400,
        _(
            "Your browser's session ended while this form was open. Go back, reload the page, and send it "
            "again: your browser keeps what you typed when you use its back button."
        ),
    )


def _data_error(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    log.warning("the database refused a value at %s: %s", request.endpoint, type(error).__name__)
    sentence = _("Something in what was sent cannot be stored. Look at it again, and leave out unusual characters.")
    return problems.answer(422, sentence) if problems.wanted() else _page(422, sentence)


def _collision(error: sa.exc.IntegrityError) -> ResponseReturnValue:
    log.warning("two changes met at %s: %s", request.endpoint, type(error.orig).__name__)
    return _rule_error(StaleError())


def _database_away(error: sa.exc.SQLAlchemyError) -> ResponseReturnValue:
    """Nothing was stored, and the same again in a minute will be."""
    db.session.rollback()
    g.meeting = None  # the page must not ask for anything
    log.error("the database is away at %s: %s", request.endpoint, error)
    sentence = _(
        "The server cannot reach its records just now. Nothing of this was stored. Wait a minute, use your browser's "
        "back button to keep what you typed, and send it again."
    )
    answer = problems.answer(503, sentence) if problems.wanted() else make_response(_page(503, sentence))
    answer.headers["Retry-After"] = "60"
    return answer


def _unforeseen(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    log.exception("unforeseen error at %s", request.endpoint)
    if problems.wanted():
        return problems.answer(500, _("Something went wrong on our side. It is in the log."))
    return _page(
        500,
        _(
            "Something went wrong on our side. It is noted. Try again in a minute; use your browser's back "
            "button to keep what you typed."
        ),
    )


_SENTENCES = {
    400: _l("The server could not read this request. Go back and try again."),
    403: _l("Your account may not open this page. Ask an organiser of the meeting if you need it."),
    404: NotFoundError.sentence,
    405: _l("This address cannot be used that way. Go back and use the page's own buttons."),
    413: _l("This is more than the server takes in one go (32 MB). Send a smaller file."),
    429: _l("These were too many tries in a short time. Wait ten minutes, then try again."),
}


def _page(status: int, sentence: str, actions: Sequence[tuple[str, str]] = ()) -> tuple[str, int]:
    # who works here goes back to where the work is
    works = status in (403, 404, 422) and request.path.startswith("/staff") and current_user.is_authenticated
    links = [*actions, *([(_("Go to the meetings"), url_for("meetings.index"))] if works else [])]
    return render_template(
        "errors/error.html", title=_title(status), sentence=sentence, code=status, actions=links
    ), status


def _title(status: int) -> str:
    return {
        403: _("Not open to you"),
        404: _("Nothing here"),
        409: _("Not possible now"),
        410: _("This link is over"),
        413: _("Too large"),
        429: _("A little slower, please"),
        503: _("Please wait a minute"),
        500: _("Our mistake"),
    }.get(status) or _("This did not work")
