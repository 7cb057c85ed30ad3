"""What the door says to people: for each verdict its tone, one word, and a plain sentence; and how typed codes are read."""

from typing import Any

from flask_babel import lazy_gettext as _

from eventhub.badges import queries as badges
from eventhub.security import CODE_ALPHABET

LENGTH = 21  # characters of a badge's code

# verdict -> (tone, word, what to do)
WORDS: dict[str, tuple[str, Any, Any]] = {
    "admitted": ("ok", _("Admitted"), ""),
    "already_in": ("wait", _("Already in"), _("This badge was let in before. Look at the name and the face.")),
    "left": ("ok", _("Left"), _("They are noted as gone.")),
    "not_in": ("wait", _("Not inside"), _("Nobody with this badge was inside here. Nothing to do.")),
    "handed_over": ("ok", _("Handed over"), _("The other adult answers for the child now.")),
    "voided": ("ok", _("Undone"), _("The last scan does not count any more.")),
    "refused/unknown": ("stop", _("Not known"), _("This is no badge of ours. Ask for the name and look it up.")),
    "refused/wrong_meeting": (
        "stop",
        _("Another meeting"),
        _("This badge belongs to another meeting. Ask for the name and look it up."),
    ),
    "refused/revoked": (
        "stop",
        _("Old badge"),
        _("This badge was replaced or withdrawn. Ask for the newer one, or look up the name."),
    ),
    "refused/not_confirmed": (
        "stop",
        _("Not confirmed"),
        _("The registration is not complete. Send them to the help desk."),
    ),
    "refused/wrong_day": ("stop", _("Wrong day"), _("This door is not for today. Look at the programme with them.")),
    "refused/closed": ("stop", _("Closed"), _("This door is closed now. Look at its opening hours.")),
    "refused/not_signed_up": (
        "stop",
        _("Not signed up"),
        _("They have no place in this session. Send them to the help desk."),
    ),
    "refused/chaperone_first": (
        "stop",
        _("The adult first"),
        _("The adult who comes with this child is not inside yet. Check in the adult first."),
    ),
    "refused/full": ("stop", _("Full"), _("All places are taken. They can come in when somebody leaves.")),
    "refused/child_in_care": (
        "stop",
        _("A child is inside"),
        _(
            "A child in their care is still inside. Check out the child first, or hand it over to another adult who "
            "is inside. The focal point can help."
        ),
    ),
    "refused/handover": (
        "stop",
        _("Cannot hand over"),
        _("Both the child and the other adult must be inside. Check them in first."),
    ),
    "put_aside/clock": (
        "stop",
        _("Wrong clock"),
        _("This device's clock is more than a day off. Set its date and time, then scan again."),
    ),
    "put_aside/checkpoint": (
        "stop",
        _("Another door"),
        _("This device belongs to another door. Choose the door again."),
    ),
    "put_aside/scope": ("stop", _("Not here"), _("This device may not take walk-ins. Send them to the help desk.")),
    "put_aside/voided": ("wait", _("Undone"), _("This scan was undone. Scan again.")),
}
_OTHER = ("stop", _("Look again"), _("This was kept for an organiser to look at. Send them to the help desk."))

MARKS = {"photo_ok": _("Photo ok"), "no_photo": _("No photo")}


# how the door and the rules came to differ, by what the rules say of an entry that was admitted
LET_IN = {
    "already_in": _("They were let in twice. Two people may hold the same badge, or somebody went out unseen."),
    "refused/unknown": _("Nobody had been given this badge at that time."),
    "refused/wrong_meeting": _("This badge belongs to another meeting."),
    "refused/revoked": _("The badge had been withdrawn or replaced. The device's list was older than that."),
    "refused/not_confirmed": _(
        "The registration was not confirmed at that time. The device's list was older or newer."
    ),
    "refused/wrong_day": _("The door was not for that day."),
    "refused/closed": _("The door was closed at that time."),
    "refused/not_signed_up": _("They had no place in this session."),
    "refused/chaperone_first": _("The child came in while no adult of theirs was inside."),
    "refused/full": _("All places were taken by then, through other doors."),
}
# and by what the rules say of an exit or handover
LEFT = {
    "not_in": _("Nobody knew them to be inside."),
    "refused/child_in_care": _("They left while a child in their care was inside with no other adult of theirs."),
    "left": _("They were held back, although the rules would have let them go."),
    "refused/handover": _("The child or the other adult was not inside."),
    "handed_over": _("The handover was refused, although both were inside."),
}
TURNED_AWAY = _("They were turned away, although the rules would have let them in.")
WELCOMED_BACK = _("They were let in again, although the rules refuse them.")

# why a scan was put aside
ASIDE = {
    "revoked": _("It came from a device after it was revoked."),
    "expired": _("It came from a device whose time was over."),
    "checkpoint": _("The device belongs to another door."),
    "clock": _("The device's clock was more than a day off."),
    "scope": _("The device may not take walk-ins."),
}


def differs(kind: str, told: str, verdict: str) -> str:
    """How what was told and what the rules say came to differ, as a sentence."""
    if kind != "entry":
        return str(LEFT.get(verdict, ""))
    if verdict == "admitted":
        return str(TURNED_AWAY)
    return str(WELCOMED_BACK if told == "already_in" else LET_IN.get(verdict, ""))


def words_of(verdict: str) -> tuple[str, str, str]:
    """Tone, word and sentence in the reader's language."""
    tone, word, sentence = WORDS.get(verdict, _OTHER)
    return tone, str(word), str(sentence)


def all_words() -> dict[str, list[str]]:
    """Everything that the door's page may have to say, for its script."""
    return {verdict: list(words_of(verdict)) for verdict in [*WORDS, "other"]}


def read_code(text: str) -> str:
    """The code in what somebody typed or a scanner sent, or "" when it is none: then it is a name."""
    code = badges.read_code(text)
    return code if len(code) == LENGTH and set(code) <= set(CODE_ALPHABET) else ""
