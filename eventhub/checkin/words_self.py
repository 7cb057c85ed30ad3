"""What self check-in says to the person themselves, for each of the door's verdicts: tone, one word, a sentence."""

from typing import Any

from flask_babel import lazy_gettext as _

WORDS: dict[str, tuple[str, Any, Any]] = {
    "admitted": ("ok", _("You are noted"), _("Your attendance in this session is recorded.")),
    "already_in": ("ok", _("You were noted before"), _("Your attendance is recorded already. There is nothing to do.")),
    "refused/not_confirmed": (
        "stop",
        _("Not yet"),
        _("Your registration is not confirmed. Your own page says what is missing; the help desk helps."),
    ),
    "refused/wrong_day": ("wait", _("Not today"), _("This session is on another day.")),
    "refused/closed": (
        "wait",
        _("Not open now"),
        _(
            "Check-in for this session is not open now. It usually opens half an hour before the session and ends with it."
        ),
    ),
    "refused/not_signed_up": (
        "stop",
        _("You have no place yet"),
        _("People sign up for this session before. Ask at the room's door whether a place is free."),
    ),
    "refused/full": ("stop", _("All places are taken"), _("Ask at the room's door whether somebody left.")),
}
_OTHER = ("stop", _("Please go to the help desk"), _("We could not record it. They can do it there."))


def words_of(result: dict[str, Any]) -> tuple[str, str, str]:
    """Tone, word and sentence in the reader's language."""
    verdict = "/".join(filter(None, (result["verdict"], result.get("reason"))))
    tone, word, sentence = WORDS.get(verdict, _OTHER)
    return tone, str(word), str(sentence)
