"""The door page itself: a signed-in person's browser becomes a device and asks. Works without JavaScript too."""

import uuid
from typing import Any

from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from eventhub import clock
from eventhub.accounts.guard import may, staff
from eventhub.checkin import api_door, app_files, devices, facts, forms, queries, wire, words
from eventhub.checkin.devices import DeviceFacts
from eventhub.checkin.views import bp
from eventhub.db import db
from eventhub.errors import NotAllowedError
from eventhub.pages import query_text
from eventhub.security import permission

_NAME = "door"  # in the session: meeting -> {device, key}


@bp.route("/door", methods=["GET", "POST"])
@permission("checkin.use")
def door() -> ResponseReturnValue:
    """Scan, type, or look up; the verdict fills the screen. First choose where you stand."""
    held = session.get(_NAME, {}).get(str(g.meeting.id))
    device = _device(held)
    if device is None:
        return render_template("checkin/choose.html", checkpoints=queries.list_open_checkpoints(g.meeting.id))
    form = forms.DoorForm(text=query_text("code") or None)
    result, found = None, []
    if request.method == "POST" and form.validate():
        scan = _scan(form, device)
        if scan is None:
            found = _found(form.text.data or "")
        else:
            # a form that is sent twice means the scan of the first time, with its time
            again = queries.find_scan(device.id, scan["id"]) or scan
            result = api_door.answer(device, again, scan["scanned_at"])
    form.scan_id.data = str(uuid.uuid4())
    page = _page(device, str(held["key"]), form)
    return render_template("checkin/door.html", **page, result=result, shown=_shown(result), found=found)


@bp.post("/door/start")
@permission("checkin.use")
def start() -> ResponseReturnValue:
    """This browser becomes a device of the chosen checkpoint, for 24 hours or until somebody revokes it."""
    checkpoint = queries.get_checkpoint(request.form.get("checkpoint", 0, type=int), g.meeting.id)
    scope = ["desk", "evacuation", *(["children"] if may("safeguarding.see_children") else [])]
    device, key = devices.open_browser(checkpoint, user=current_user, scope=scope, by=staff())
    db.session.commit()
    session[_NAME] = {**session.get(_NAME, {}), str(g.meeting.id): {"device": device.id, "key": key}}
    return redirect(url_for("checkin.door", code=query_text("code") or None))


@bp.post("/door/stop")
@permission("checkin.use")
def stop() -> ResponseReturnValue:
    """Leave this door; the key ends."""
    held = session.get(_NAME, {}).pop(str(g.meeting.id), None)
    session.modified = True
    if held:
        devices.revoke(devices.get_device(held["device"], g.meeting.id), by=staff())
        db.session.commit()
    flash(_("This browser is no door any more."), "ok")
    return redirect(url_for("checkin.door"))


@bp.get("/door/find")
@permission("checkin.use")
def find() -> ResponseReturnValue:
    """The people whose name was typed, as a part of the page."""
    return render_template("checkin/found.html", found=_found(query_text("q")), q=query_text("q"))


def _device(held: dict[str, Any] | None) -> DeviceFacts | None:
    if not held:
        return None
    try:
        device = devices.browser_of(held["device"], user=current_user, meeting_id=g.meeting.id)
    except NotAllowedError:
        return None
    return None if device.refused(facts.milliseconds(clock.now())) else device


def _scan(form: forms.DoorForm, device: DeviceFacts) -> dict[str, Any] | None:
    """The scan that the form means, or None when a name was typed."""
    scan = {
        "id": form.ident(),
        "checkpoint": device.checkpoint,
        "kind": form.kind.data,
        "scanned_at": facts.written(facts.milliseconds(clock.now())),
        "offset_ms": 0,
    }
    if form.undo.data:
        scan |= {"kind": "void", "voids": form.undo.data}
    elif form.person.data:
        scan["person"] = form.person.data
    elif code := words.read_code(form.text.data or ""):
        scan["code"] = code
    else:
        return None
    try:
        return wire.check_scan(scan)
    except wire.MalformedError:
        return None


def _found(text: str) -> list[dict[str, Any]]:
    return queries.search_people(g.meeting.id, text, with_children=may("safeguarding.see_children"))


def _page(device: DeviceFacts, key: str, form: forms.DoorForm) -> dict[str, Any]:
    checkpoint = queries.get_checkpoint(int(device.checkpoint), g.meeting.id)
    return {
        "form": form,
        "checkpoint": checkpoint,
        "version": app_files.version(),
        "settings": {
            "key": key,
            "checkpoint": device.checkpoint,
            "ask": url_for("door_api.ask"),
            "find": url_for("checkin.find"),
            "care": url_for("checkin.child_of", key="") if may("safeguarding.see_children") else None,
            "tz": g.meeting.tz,
            "by": current_user.name or current_user.email,
            "words": words.all_words(),
            "marks": {name: str(word) for name, word in words.MARKS.items()},
            "say": page_words(),
        },
    }


def page_words() -> dict[str, str]:
    """The other sentences of the page's script."""
    return {
        "online": _("On line"),
        "offline": _("No network: wait, or use the list on paper"),
        "slow": _("Slow network"),
        "no_camera": _("No camera here. Type the code, or use a scanner that types."),
        "needs_https": _("The camera needs a secure address (https). Type the code, or use a scanner that types."),
        "camera_refused": _("The browser may not use the camera. Allow it in the address line, then reload this page."),
        "nobody": _("Nobody of that name is confirmed. Try another part of the name."),
        "at": _("%(time)s, %(place)s"),
        "focal_point": _("See focal point"),
        "care": _("The child and its adults"),
        "undone": _("Undone"),
        "gone": _("This device was signed off. Choose the door again."),
        "failed": _("The server did not answer. Scan again."),
        "too_many": _("Too many wrong codes. Wait a minute."),
    }


def _shown(result: dict[str, Any] | None) -> dict[str, Any] | None:
    """The verdict's words for the page without a script."""
    if result is None:
        return None
    verdict = "/".join(filter(None, (result["verdict"], result.get("reason"))))
    tone, word, sentence = words.words_of(verdict)
    shown = {"tone": tone, "word": word, "sentence": sentence, "first": result.get("first"), **_person(result)}
    return {**shown, "care": _care(result)}


def _care(result: dict[str, Any]) -> str | None:
    """The page of the child that this verdict is about, for who may see children."""
    person = result.get("person") or {}
    concerns = person.get("see_focal_point") or result.get("reason") == "child_in_care"
    if not concerns or not person.get("key") or not may("safeguarding.see_children"):
        return None
    return url_for("checkin.child_of", key=person["key"])


def _person(result: dict[str, Any]) -> dict[str, Any]:
    person = result.get("person")
    if not person:
        return {"person": None}
    return {
        "person": {"full_name": person["name"], "latin_name": person["latin_name"]} if person["name"] else None,
        "organisation": person["organisation"],
        "role": person["role"],
        "mark": str(words.MARKS[person["mark"]]),
        "mark_ok": person["mark"] == "photo_ok",
        "see_focal_point": person["see_focal_point"],
        "first_at": facts.moment(facts.instant(result["first"]["at"])) if result.get("first") else None,
    }
