"""The audit in words: what happened, as a person would say it.

Names nobody but members of staff who acted: any other person may be a child. Who may not see a kind of record is told
nothing of it. An act that has no words here is said with the audit's own verb.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eventhub.audit import AuditEntry

TOGETHER = timedelta(hours=1)  # the same act by the same person, again and again, is one line
ABREAST = 3  # lines that may grow side by side

# table: (one, several, permission that shows them); where there is only one, it is said how often
ONE = _l("%(what)s (%(n)s times)")
KINDS: dict[str, tuple[Any, Any, str]] = {
    "series": (_l("a series"), _l("%(n)s series"), "meeting.read"),
    "meetings": (_l("the meeting"), ONE, "meeting.read"),
    "sectors": (_l("a sector"), _l("%(n)s sectors"), "invitations.read"),
    "quotas": (_l("a quota"), _l("%(n)s quotas"), "invitations.read"),
    "invitations": (_l("an invitation"), _l("%(n)s invitations"), "invitations.read"),
    "nominations": (_l("a nomination"), _l("%(n)s nominations"), "invitations.read"),
    "registrations": (_l("a registration"), _l("%(n)s registrations"), "registration.read"),
    "form_fields": (_l("a question of the form"), _l("%(n)s questions of the form"), "registration.read"),
    "people": (_l("a person"), _l("%(n)s people"), "safeguarding.see_children"),
    "organisations": (_l("an organisation"), _l("%(n)s organisations"), "directory.read"),
    "guardians": (_l("a guardian"), _l("%(n)s guardians"), "safeguarding.see_children"),
    "chaperonings": (_l("a child's adult"), _l("adults of %(n)s children"), "safeguarding.see_children"),
    "departures": (_l("a child"), _l("%(n)s children"), "safeguarding.see_children"),
    "safe_returns": (_l("a child's safe return"), _l("the safe return of %(n)s children"), "safeguarding.see_children"),
    "incidents": (_l("an incident"), _l("%(n)s incidents"), "safeguarding.read"),
    "rooms": (_l("a room"), _l("%(n)s rooms"), "programme.read"),
    "tracks": (_l("a track"), _l("%(n)s tracks"), "programme.read"),
    "sessions": (_l("a session"), _l("%(n)s sessions"), "programme.read"),
    "speakers": (_l("a speaker"), _l("%(n)s speakers"), "programme.read"),
    "sign_ups": (_l("a sign-up for a session"), _l("%(n)s sign-ups for sessions"), "programme.read"),
    "badges": (_l("a badge"), _l("%(n)s badges"), "badges.edit"),
    "self_check_ins": (_l("self check-in for a session"), _l("self check-in for %(n)s sessions"), "checkin.use"),
    "kiosks": (_l("a kiosk"), _l("%(n)s kiosks"), "checkin.use"),
    "checkpoints": (_l("a checkpoint"), _l("%(n)s checkpoints"), "checkin.use"),
    "devices": (_l("a device of the door"), _l("%(n)s devices of the door"), "checkin.use"),
    "scans": (_l("a scan"), _l("%(n)s scans"), "checkin.use"),
    "suppressions": (_l("an address that is not written to"), _l("%(n)s addresses"), "mail.read"),
    "messages": (_l("a letter"), _l("%(n)s letters"), "mail.read"),
    "jobs": (_l("a job"), _l("%(n)s jobs"), "jobs.read"),
    "introductions": (_l("an introduction"), _l("%(n)s introductions"), "networking.edit"),
    "profiles": (_l("what a person offers and seeks"), _l("what %(n)s people offer and seek"), "networking.edit"),
    "suggestions": (_l("whom to meet"), _l("%(n)s suggestions whom to meet"), "networking.edit"),
    "one_to_ones": (_l("a 1:1 meeting"), _l("%(n)s 1:1 meetings"), "networking.edit"),
    "one_to_one_windows": (_l("a time for 1:1 meetings"), _l("%(n)s times for 1:1 meetings"), "networking.edit"),
    "one_to_one_tables": (_l("a table for 1:1 meetings"), _l("%(n)s tables for 1:1 meetings"), "networking.edit"),
    "one_to_one_wishes": (_l("a wish whom to meet"), _l("%(n)s wishes whom to meet"), "networking.edit"),
    "seating_proposals": (_l("a seating"), _l("%(n)s seatings"), "networking.edit"),
    "partnerships": (_l("a partnership"), _l("%(n)s partnerships"), "partnerships.read"),
    "stories": (_l("a story"), _l("%(n)s stories"), "partnerships.edit"),
    "commitments": (_l("a commitment"), _l("%(n)s commitments"), "partnerships.read"),
    "meeting_statements": (_l("the statement"), ONE, "partnerships.read"),
    "past_attendances": (_l("who was there"), _l("who was there, %(n)s times"), "partnerships.read"),
    "name_decisions": (
        _l("what an organisation's name means"),
        _l("what %(n)s organisations' names mean"),
        "meeting.create",
    ),
    "person_follow_ups": (_l("a follow-up"), _l("%(n)s follow-ups"), "partnerships.edit"),
    "follow_up_answers": (_l("an answer to a follow-up"), _l("%(n)s answers to follow-ups"), "partnerships.edit"),
    "documents": (_l("a document"), _l("%(n)s documents"), "documents.edit"),
    "issued_reports": (_l("a report"), _l("%(n)s reports"), "reports.read"),
    "users": (_l("a staff account"), _l("%(n)s staff accounts"), "accounts.edit"),
}
UNKNOWN_KIND = (_l("a record"), _l("%(n)s records"), "meeting.edit")

# act: the words, with %(what)s for the record, where "<act> <record>" would not do
ACTS: dict[str, Any] = {
    "created": _l("made %(what)s"),
    "planned": _l("set %(what)s back to: planned"),
    "open": _l("opened %(what)s"),
    "running": _l("set %(what)s to: running"),
    "over": _l("set %(what)s to: over"),
    "draft": _l("drafted %(what)s"),
    "drafted": _l("drafted %(what)s"),
    "withdrawn": _l("withdrew %(what)s"),
    "moved up": _l("moved %(what)s up"),
    "set": _l("set %(what)s"),
    "agreed to be seated": _l("agreed to be seated for 1:1 meetings: %(what)s"),
    "is not to be seated": _l("is not to be seated for 1:1 meetings: %(what)s"),
    "left out": _l("left pairs out of %(what)s"),
    "took in": _l("took pairs into %(what)s again"),
    "reminded": _l("reminded about %(what)s"),
    "sent again": _l("sent the letter of %(what)s again"),
    "sent link": _l("sent the personal link of %(what)s again"),
    "expired": _l("closed %(what)s: the time was over"),
    "started": _l("began %(what)s"),
    "waiting": _l("put %(what)s on the waiting list"),
    "signed up": _l("made %(what)s"),
    "withdrew": _l("withdrew %(what)s"),
    "withdrew the links": _l("withdrew the links of %(what)s"),
    "asked": _l("asked about %(what)s"),
    "affiliated": _l("noted an organisation of %(what)s"),
    "left": _l("noted that %(what)s left an organisation"),
    "merged": _l("joined two entries of %(what)s"),
    "unmerged": _l("parted two entries of %(what)s"),
    "answered consents": _l("answered consents for %(what)s"),
    "withdrew consent": _l("withdrew a consent for %(what)s"),
    "made an enrolment code": _l("made an enrolment code for %(what)s"),
    "opened self check-in": _l("opened %(what)s"),
    "told: kept": _l("said of %(what)s: kept"),
    "told: partly": _l("said of %(what)s: partly kept"),
    "told: not kept": _l("said of %(what)s: not kept"),
    "told: open": _l("said of %(what)s: still open"),
    "set guardian": _l("named %(what)s"),
    "named adult": _l("named %(what)s"),
    "noted with whom left": _l("noted with whom %(what)s left"),
    "read sealed record": _l("read a sealed record of %(what)s"),
    "deleted sealed record": _l("deleted a sealed record of %(what)s"),
    # staff accounts
    "granted": _l("gave the role %(role)s"),
    "revoked": _l("took back %(what)s"),
    "changed_password": _l("changed the password"),
    "set_password": _l("chose a password by the link of a letter"),
    "set_second_factor": _l("set up the second factor"),
    "removed_second_factor": _l("switched the second factor off"),
    "reset_second_factor": _l("reset the second factor"),
    "made_recovery_codes": _l("made recovery codes"),
    "used_recovery_code": _l("signed in with a recovery code"),
    "added_passkey": _l("added a passkey"),
    "removed_passkey": _l("removed a passkey"),
    "used_passkey": _l("signed in with a passkey"),
    "made_token": _l("made a token for a program"),
    "revoked_token": _l("revoked a token"),
    "signed_out_elsewhere": _l("signed out in another browser"),
    "deactivated": _l("closed the account"),
    "activated": _l("opened the account again"),
}
ACTS_OF_KIND: dict[tuple[str, str], Any] = {
    ("sent again", "messages"): _l("sent %(what)s again"),
    ("readdressed", "messages"): _l("corrected the address of %(what)s and sent it again"),
    ("marked as sent", "messages"): _l("marked %(what)s as sent"),
    ("tested", "messages"): _l("sent a test of %(what)s"),
    ("revoked", "users"): _l("took back the role %(role)s"),
    ("named", "nominations"): _l("made %(what)s"),
    ("invited", "nominations"): _l("sent the letter of %(what)s"),
    ("registered", "nominations"): _l("registered by %(what)s"),
    ("kept unlisted", "profiles"): _l("wrote, for nobody to see, %(what)s"),
    ("shares their address", "introductions"): _l("shared an address in %(what)s"),
    ("keeps their address", "introductions"): _l("took an address out of %(what)s"),
    ("endorses", "meeting_statements"): _l("endorsed %(what)s"),
    ("reserves", "meeting_statements"): _l("endorsed %(what)s with a reservation"),
    ("dissents", "meeting_statements"): _l("did not endorse %(what)s"),
    ("named", "organisations"): _l("noted a name of %(what)s"),
    ("joined another record to", "partnerships"): _l("joined another record to %(what)s"),
    ("was joined to another record", "partnerships"): _l("joined %(what)s to another record"),
    ("was parted from another record", "partnerships"): _l("parted %(what)s from another record"),
    ("kept apart from another record", "partnerships"): _l("noted that %(what)s is not the same as another"),
    ("set to active", "partnerships"): _l("set %(what)s to: active"),
    ("set to dormant", "partnerships"): _l("set %(what)s to: dormant"),
    ("set to ended", "partnerships"): _l("set %(what)s to: ended"),
    ("set to cancelled", "partnerships"): _l("set %(what)s to: cancelled"),
}

# who acts, when it is not staff: one, and several
ACTORS = {
    "participant": (_l("a participant"), _l("participants")),
    "organisation": (_l("an organisation"), _l("organisations")),
    "party": (_l("a party"), _l("parties")),
    "outsider": (_l("somebody independent"), _l("independent people")),
    "guardian": (_l("a guardian"), _l("guardians")),
    "device": (_l("a device"), _l("devices")),
    "system": (_l("EventHub"), _l("EventHub")),
}


def sentence(entry: AuditEntry, count: int = 1) -> str:
    """What was done, with a capital: "Approved a registration", or, ``count`` times, "Approved 3 registrations"."""
    one, several, _permission = KINDS.get(entry.subject_kind, UNKNOWN_KIND)
    what = str(one) if count == 1 or several is ONE else str(several) % {"n": count}
    words = ACTS_OF_KIND.get((entry.action, entry.subject_kind)) or ACTS.get(entry.action)
    role = entry.detail.get("role", "") if entry.subject_kind == "users" else ""
    said = str(words) % {"what": what, "role": role} if words else f"{entry.action.replace('_', ' ')} {what}"
    if several is ONE and count > 1:
        said = str(ONE) % {"what": said, "n": count}
    return said[:1].upper() + said[1:]


def actor(entry: AuditEntry, *, several: bool = False) -> str:
    """Who did it: a member of staff by name, anybody else by kind."""
    if entry.actor_kind == "staff":
        return entry.actor_name
    words = ACTORS.get(entry.actor_kind)
    return str(words[several]) if words else _("somebody")


def lines(entries: Iterable[AuditEntry], may: Callable[[str], bool] | None = None) -> list[dict[str, Any]]:
    """Entries, newest first, as the history macro shows them; the same act again and again is one line.

    Of those who are not named, one line tells of several: twenty participants who do the same are no twenty lines.

    ``may`` says which permissions the reader has; without it every entry is shown.
    """
    shown = [e for e in entries if may is None or may(KINDS.get(e.subject_kind, UNKNOWN_KIND)[2])]
    runs: list[list[AuditEntry]] = []
    for entry in shown:
        # two things that many do in turn are two lines, not twenty
        run = next((run for run in reversed(runs[-ABREAST:]) if _continues(run, entry)), None)
        if run is not None:
            run.append(entry)
        else:
            runs.append([entry])
    return [{"at": run[0].at, "who": _who(run), "what": sentence(run[0], len(run))} for run in runs]


def _who(run: list[AuditEntry]) -> str:
    return actor(run[0], several=len({entry.actor_id for entry in run}) > 1)


def _continues(run: list[AuditEntry], entry: AuditEntry) -> bool:
    last = run[-1]
    same = (last.actor_kind, last.action, last.subject_kind) == (entry.actor_kind, entry.action, entry.subject_kind)
    if entry.actor_kind == "staff":
        same = same and last.actor_id == entry.actor_id
    # roles differ in their detail: each is a line of its own
    return same and entry.subject_kind != "users" and last.at - entry.at <= TOGETHER
