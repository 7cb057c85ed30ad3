"""The staff pages' rail: the phases of a meeting and the pages of each, in the order in which the work is done."""

from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import lazy_gettext as _
from flask_security import current_user

from eventhub.accounts import guard
from eventhub.accounts import queries as accounts
from eventhub.meetings import queries as meetings

# phase, then its pages: (label, endpoint, permission). Endpoints with <slug> need a meeting.
PHASES: list[tuple[Any, list[tuple[Any, str, str]]]] = [
    (
        _("Plan"),
        [
            (_("Overview"), "meetings.overview", "meeting.read"),
            (_("Meeting's facts"), "meetings.edit", "meeting.edit"),
            (_("Quotas"), "invitations.quotas", "invitations.read"),
            (_("Form"), "registration.fields", "registration.edit"),
        ],
    ),
    (
        _("Invite"),
        [
            (_("Invitations"), "invitations.index", "invitations.read"),
            (_("Organisations"), "directory.organisations", "directory.read"),
            (_("People"), "directory.people", "directory.read"),
            (_("Import"), "directory.imports", "directory.edit"),
        ],
    ),
    (
        _("Register"),
        [
            (_("Registrations"), "registration.index", "registration.read"),
            (_("Children"), "safeguarding.children", "safeguarding.see_children"),
        ],
    ),
    (
        _("Programme"),
        [
            (_("Sessions"), "programme.index", "programme.read"),
            (_("Rooms and tracks"), "programme.rooms", "programme.edit"),
            (_("1:1 meetings"), "one_to_one_staff.index", "networking.edit"),
            (_("Seating"), "seating.index", "networking.edit"),
        ],
    ),
    (
        _("Documents"),
        [
            (_("Letters"), "mail.outbox", "mail.read"),
            (_("Badges"), "badges.index", "badges.edit"),
            (_("Sheets to sign"), "documents.sheets", "documents.edit"),
            (_("Certificates"), "documents.index", "documents.edit"),
            (_("Jobs"), "jobs.index", "jobs.read"),
        ],
    ),
    (
        _("Door"),
        [
            (_("Door"), "checkin.door", "checkin.use"),
            (_("Who is here"), "checkin.board", "checkin.use"),
            (_("To settle"), "checkin.to_settle", "checkin.manage"),
            (_("Children at the door"), "checkin.children", "safeguarding.see_children"),
            (_("Checkpoints"), "checkin.checkpoints", "checkin.manage"),
        ],
    ),
    (
        _("Afterwards"),
        [
            (_("Offers and needs"), "offers.index", "networking.edit"),
            (_("Introductions"), "networking.index", "networking.edit"),
            (_("Partnerships"), "partnerships.index", "partnerships.read"),
            (_("Follow-ups"), "partnerships.follow_ups", "partnerships.edit"),
            (_("Stories"), "partnerships.stories_index", "partnerships.edit"),
            (_("Commitments"), "partnerships.commitments", "partnerships.read"),
            (_("Statement"), "partnerships.statement", "partnerships.read"),
        ],
    ),
    (
        _("Reports"),
        [
            (_("This meeting"), "reports.meeting", "reports.read"),
            (_("Across years"), "reports.years", "reports.read"),
            (_("Figures"), "reports.figures", "reports.read"),
            (_("Network map"), "reports.network_map", "reports.read"),
            (_("Issued reports"), "reports.issued", "reports.read"),
            (_("Own questions"), "reports.export", "reports.read"),
        ],
    ),
    (
        _("House"),
        [
            (_("Meetings"), "meetings.index", "staff"),
            (_("Past editions"), "partnerships.past", "meeting.create"),
            (_("Staff"), "accounts.index", "accounts.edit"),
            (_("Other letters"), "mail.others", "accounts.edit"),
            (_("How it looks"), "house.looks", "staff"),
        ],
    ),
]


def init_app(app: Flask) -> None:
    """Give every staff template ``rail`` and ``meetings`` (the switch above)."""

    @app.context_processor
    def staff_nav() -> dict[str, Any]:
        # only the staff layout asks for it, and then once
        return {"staff_nav": navigation() if request.path.startswith("/staff") else None}


def navigation() -> dict[str, Any] | None:
    """What the staff layout shows around a page; None for who is not signed in."""
    if not current_user or not current_user.is_authenticated:
        return None
    allowed = accounts.meeting_ids(current_user)
    here = g.get("meeting")
    return {
        "home_url": url_for("meetings.index"),
        "rail": rail(),
        "meetings": [
            {
                "label": m.title,
                "url": url_for("meetings.overview", slug=m.slug),
                "active": here is not None and m.id == here.id,
            }
            for m in meetings.every_meeting()
            if allowed is None or m.id in allowed
        ],
        "account": {
            "label": current_user.name or current_user.email,
            "links": [{"label": _("My account"), "url": url_for("accounts.me")}],
            "sign_out_url": url_for("security.logout"),
        },
    }


def rail() -> list[dict[str, Any]]:
    """The phases with the pages that the signed-in person may open here."""
    groups = []
    for label, pages in PHASES:
        links = [_link(*page) for page in pages if _shown(page[1], page[2])]
        if links:
            groups.append({"label": label, "links": links})
    _mark_current([link for group in groups for link in group["links"]])
    return groups


def _mark_current(links: list[dict[str, Any]]) -> None:
    """Mark the page one is on; a record or a step of a page's work belongs to the page whose address it lies under."""
    if any(link["active"] for link in links):
        return
    here = request.path.rstrip("/") + "/"
    above = [link for link in links if here.startswith(link["url"].rstrip("/") + "/") and not _is_first(link["url"])]
    if above:
        max(above, key=lambda link: len(link["url"].rstrip("/")))["active"] = "true"


def _is_first(url: str) -> bool:
    """Every page lies under the house's and the meeting's first page."""
    meeting = g.get("meeting")
    return url in (url_for("meetings.index"), url_for("meetings.overview", slug=meeting.slug) if meeting else "")


def _needs_meeting(endpoint: str) -> bool:
    """Whether it has no address of the house; what has both stays in the meeting whose page one is on."""
    return all("slug" in rule.arguments for rule in current_app.url_map.iter_rules(endpoint))


def _shown(endpoint: str, permission: str) -> bool:
    if endpoint not in current_app.view_functions:
        return False
    return guard.may(permission) and (g.get("meeting") is not None or not _needs_meeting(endpoint))


def _link(label: Any, endpoint: str, _permission: str) -> dict[str, Any]:
    values = {"slug": g.meeting.slug} if _needs_meeting(endpoint) else {}
    return {
        "label": label,
        "url": url_for(endpoint, **values),
        "active": "page" if request.endpoint == endpoint else "",
    }
