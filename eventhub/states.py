"""Decides the word and the tone of every state, so that one state looks the same on every page.

The tone is one of ok, wait, stop, info, none; a template shows it as an icon beside the word, never as colour alone.
Features keep their own enums and moves; a state that is not listed here is shown by its own name, quietly.
"""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

STATES: dict[str, tuple[str, LazyString]] = {
    # meetings
    "planned": ("info", _("Planned")),
    "open": ("ok", _("Open")),
    "running": ("ok", _("Running")),
    "over": ("none", _("Over")),
    "archived": ("none", _("Archived")),
    "postponed": ("wait", _("Postponed")),
    "cancelled": ("stop", _("Cancelled")),
    # invitations and nominations
    "draft": ("none", _("Draft")),
    "sent": ("info", _("Sent")),
    "accepted": ("ok", _("Accepted")),
    "declined": ("stop", _("Declined")),
    "expired": ("wait", _("Expired")),
    "withdrawn": ("none", _("Withdrawn")),
    "named": ("wait", _("Named")),
    "invited": ("info", _("Invited")),
    "registered": ("ok", _("Registered")),
    "replaced": ("none", _("Replaced")),
    # registrations and badges
    "started": ("wait", _("Started")),
    "submitted": ("info", _("Submitted")),
    "approved": ("info", _("Approved")),
    "waiting": ("wait", _("Waiting list")),
    "confirmed": ("ok", _("Confirmed")),
    "attended": ("ok", _("Attended")),
    "valid": ("ok", _("Valid")),
    "revoked": ("stop", _("Revoked")),
    # the door
    "admitted": ("ok", _("Admitted")),
    "already_in": ("wait", _("Already in")),
    "refused": ("stop", _("Refused")),
    # messages and jobs
    "queued": ("wait", _("Queued")),
    "sending": ("wait", _("Sending")),
    "retry": ("wait", _("Trying again")),
    "failed": ("stop", _("Failed")),
    "suppressed": ("none", _("Suppressed")),
    "unknown": ("wait", _("Unknown")),
    "working": ("wait", _("Working")),
    "done": ("ok", _("Done")),
    "stopped": ("stop", _("Stopped")),
    # 1:1 meetings; "proposed" has a word of its own there
    "requested": ("wait", _("Requested")),
    # partnerships, evidence, follow-up
    "proposed": ("info", _("Proposed")),
    "active": ("ok", _("Active")),
    "dormant": ("wait", _("Dormant")),
    "ended": ("none", _("Ended")),
    "reported": ("info", _("Reported")),
    "substantiated": ("ok", _("Substantiated")),
    "asked": ("wait", _("Asked")),
    "corrected": ("wait", _("Corrected")),
    "disputed": ("stop", _("Disputed")),
    "no_reply": ("wait", _("No reply")),
    "not_asked": ("none", _("Not asked")),
    "changed": ("wait", _("Changed since")),
    "one_side": ("wait", _("One side says so")),
    "denied": ("stop", _("Denied")),
    "scheduled": ("info", _("Scheduled")),
    "answered": ("ok", _("Answered")),
    "overdue": ("stop", _("Overdue")),
    "closed": ("none", _("Closed")),
    # commitments, the statement
    "kept": ("ok", _("Kept")),
    "partly": ("wait", _("Kept in part")),
    "not_kept": ("stop", _("Not kept")),
    "published": ("ok", _("Published")),
    "endorses": ("ok", _("Endorses it")),
    "reserves": ("wait", _("Has a reservation")),
    "dissents": ("stop", _("Dissents")),
    # consents and windows
    "given": ("ok", _("Given")),
    "refused_consent": ("stop", _("Not given")),
    "missing": ("wait", _("Missing")),
    "yes": ("ok", _("Yes")),
    "no": ("stop", _("No")),
}


def _key(state: object) -> str:
    return str(getattr(state, "value", state) or "unknown")


def known(state: object) -> bool:
    """Whether the state has a word and a tone of its own here."""
    return _key(state) in STATES


def tone_of(state: object) -> str:
    """ok, wait, stop, info or none, from a state's name or a StrEnum member."""
    return STATES[_key(state)][0] if known(state) else "none"


def label_of(state: object) -> str:
    """The state's word in the reader's language."""
    key = _key(state)
    return str(STATES[key][1]) if key in STATES else key.replace("_", " ").capitalize()
