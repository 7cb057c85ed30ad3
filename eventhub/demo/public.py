"""The demo's letters, so that a visitor can walk the chain as any of its people. Only where the demo runs."""

from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, send_file
from flask.typing import ResponseReturnValue

from eventhub.demo import catcher
from eventhub.errors import NotFoundError
from eventhub.pages import query_text
from eventhub.security import public

bp = Blueprint("demo", __name__, url_prefix="/demo/letters")

# the letter is shown in a frame of its own that can run nothing; its links open in the whole window
FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation"


def _folder() -> Path:
    settings = current_app.config["EVENTHUB"]
    if not settings.demo:
        raise NotFoundError
    return settings.data / "caught-mail"  # type: ignore[no-any-return]  # Flask's configuration is untyped


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """All letters, newest first; ``q`` looks in addresses and subjects."""
    q = query_text("q").lower()
    letters = [
        (number, letter)
        for number, letter in catcher.list_letters(_folder())
        if q in str(letter["To"]).lower() or q in str(letter["Subject"]).lower()
    ]
    return render_template("demo/letters.html", letters=letters, q=q)


@bp.get("/<int:number>")
@public
def letter(number: int) -> ResponseReturnValue:
    message = _get(number)
    return render_template(
        "demo/letter.html", number=number, letter=message, text=_text(message, "plain"), files=_files(message)
    )


@bp.get("/<int:number>/html")
@public
def html(number: int) -> ResponseReturnValue:
    """The letter's HTML as it was sent."""
    page = _text(_get(number), "html").replace("<head>", '<head><base target="_top">', 1)
    return Response(page, headers={"Content-Security-Policy": FRAME_POLICY})


@bp.get("/<int:number>/files/<int:place>")
@public
def file(number: int, place: int) -> ResponseReturnValue:
    files = _files(_get(number))
    if place >= len(files):
        raise NotFoundError
    name, media_type, content = files[place]
    return send_file(BytesIO(content), mimetype=media_type, download_name=name)


def _get(number: int) -> EmailMessage:
    message = catcher.find_letter(_folder(), number)
    if message is None:
        raise NotFoundError
    return message


def _text(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _files(message: EmailMessage) -> list[tuple[str, str, bytes]]:
    return [
        (part.get_filename() or "file", part.get_content_type(), part.get_payload(decode=True) or b"")
        for part in message.iter_attachments()
    ]
