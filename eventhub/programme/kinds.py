"""The vocabularies of a programme: kinds of sessions, parts that people have in them, audiences."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from eventhub.programme.models import Audience


class SessionKind(StrEnum):
    PLENARY = "plenary"
    SESSION = "session"
    WORKSHOP = "workshop"
    BREAK = "break"
    SOCIAL = "social"


class Part(StrEnum):
    SPEAKER = "speaker"
    MODERATOR = "moderator"
    INTERPRETER = "interpreter"


KINDS: dict[SessionKind, LazyString] = {
    SessionKind.PLENARY: _("Plenary"),
    SessionKind.SESSION: _("Session"),
    SessionKind.WORKSHOP: _("Workshop"),
    SessionKind.BREAK: _("Break"),
    SessionKind.SOCIAL: _("Social"),
}
PARTS: dict[Part, LazyString] = {
    Part.SPEAKER: _("Speaker"),
    Part.MODERATOR: _("Moderator"),
    Part.INTERPRETER: _("Interpreter"),
}
AUDIENCES: dict[Audience, LazyString] = {
    Audience.ALL: _("Everybody"),
    Audience.ADULTS: _("Adults only"),
    Audience.CHILD_FRIENDLY: _("Child-friendly"),
}
