"""Where somebody is signed in: one row for each browser. Its cookie is worth nothing once the row is gone.

A browser's session is a signed cookie, and a copy of it is as good as the cookie. So the cookie names a row here by a
random key (the table keeps its hash), and signing out deletes the row.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, after_this_request, current_app, request, session
from flask_babel import lazy_gettext as _
from flask_login import user_logged_in, user_logged_out
from flask_security.utils import set_request_attr
from werkzeug.user_agent import UserAgent

from eventhub import audit, clock
from eventhub.accounts import queries
from eventhub.accounts.models import SignIn, User
from eventhub.audit import Actor
from eventhub.db import db, touched
from eventhub.errors import NotFoundError
from eventhub.security import hashed

KEY = "sign_in"  # in the session's cookie
SEEN = "seen"  # when the cookie last noted a page, in seconds; a copy that nobody used for IDLE opens nothing
IDLE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=5)  # how exact "idle" is: the cookie is not sent with every page

# in what a browser says of itself: the first that is found is meant, for each says that it is the later ones too
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "Chromebook",
    "Linux": "Linux",
}


def init_app(app: Flask) -> None:
    """Look up who is signed in by both, the person and the row; call it after Flask-Security is there."""
    app.login_manager.user_loader(_load)  # type: ignore[attr-defined]  # Flask-Login puts itself there
    user_logged_in.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)


def _load(uniquifier: str) -> User | None:
    """Whose session this is, as Flask-Security's own look-up says it; None when it was ended."""
    user = queries.find_signed_in(uniquifier, session.get(KEY, ""))
    if user is not None:
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", session.get("fs_paa", 0))
    return user


def _signed_in(_app: Flask, user: User, **_more: Any) -> None:
    """A new key at every sign-in, also where somebody was signed in already. The library commits."""
    _forget(session.get(KEY, ""))  # of somebody who was signed in here already
    session[SEEN] = clock.now().timestamp()
    session[KEY] = begin(user, browser=name_of(request.user_agent), address=request.remote_addr or "")


def _signed_out(_app: Flask, **_more: Any) -> None:
    """The library signs out by POST; it has nothing to commit itself."""
    session.pop(SEEN, None)
    if key := session.pop(KEY, ""):
        _forget(key)
        after_this_request(_commit)


def _commit(response: Any) -> Any:
    current_app.extensions["security"].datastore.commit()
    return response


def _forget(key: str) -> None:
    touched(sa.delete(SignIn).where(SignIn.key_hash == hashed(key)))


def begin(user: User, *, browser: str = "", address: str = "") -> str:
    """Note that somebody signed in; returns the key for the cookie. What was idle for too long is forgotten."""
    key, now = secrets.token_urlsafe(32), clock.now()
    touched(sa.delete(SignIn).where(SignIn.user_id == user.id, SignIn.seen_at < now - IDLE))
    db.session.add(
        SignIn(user_id=user.id, key_hash=hashed(key), browser=browser, address=address, created_at=now, seen_at=now)
    )
    db.session.flush()
    return key


def note_seen(now: datetime) -> None:
    """Keep the time of a page in the cookie and, in a transaction of its own, in the row.

    Only for pages that read: one that writes leads to one that reads, and holds what another transaction would wait for.
    """
    session[SEEN] = now.timestamp()
    seen = sa.update(SignIn).where(SignIn.key_hash == hashed(session.get(KEY, ""))).values(seen_at=now)
    with db.engine.begin() as connection:
        connection.execute(seen)


def leave_behind() -> None:
    """This browser's cookie was idle for too long: it forgets its row. A copy that is in use is not ended by that."""
    session.pop(KEY, None)


def list_of(user: User) -> list[SignIn]:
    """Where the person is signed in now, last seen first."""
    return list(
        db.session.scalars(
            sa.select(SignIn)
            .where(SignIn.user_id == user.id, SignIn.seen_at > clock.now() - IDLE)
            .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
        )
    )


def is_this(row: SignIn) -> bool:
    """Whether a row is of the browser that asks."""
    return row.key_hash == hashed(session.get(KEY, ""))


def end(user: User, sign_in_id: int, *, by: Actor) -> None:
    """Sign out one of the person's browsers; raises NotFoundError for somebody else's, and for one that has gone."""
    row = db.session.get(SignIn, sign_in_id)
    if row is None or row.user_id != user.id:
        raise NotFoundError(_("You are not signed in there any more."))
    db.session.delete(row)
    db.session.flush()
    audit.record(by, "signed_out_elsewhere", user)


def end_others(user: User, *, by: Actor) -> int:
    """Sign out all of the person's browsers but the one that asks; how many those were."""
    others = SignIn.user_id == user.id, SignIn.key_hash != hashed(session.get(KEY, ""))
    ended = touched(sa.delete(SignIn).where(*others))
    if ended:
        audit.record(by, "signed_out_elsewhere", user)
    return ended


def end_all(user: User) -> None:
    """Sign out every browser of the person."""
    touched(sa.delete(SignIn).where(SignIn.user_id == user.id))


def purge(before: datetime) -> int:
    """Forget browsers that were idle for too long; how many."""
    return touched(sa.delete(SignIn).where(SignIn.seen_at < before - IDLE))


def name_of(agent: UserAgent) -> str:
    """A browser in the words of who uses it, "Firefox, Windows"; empty when it says nothing that we know."""
    found = [next((name for sign, name in signs.items() if sign in agent.string), "") for signs in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found))
