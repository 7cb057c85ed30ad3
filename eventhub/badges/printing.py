"""Print runs: the badges of a meeting as one PDF, in steps that can be watched and stopped; one badge; one ticket."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import asdict, dataclass
from typing import Any, cast

from flask_babel import lazy_gettext as _

from eventhub import clock
from eventhub.audit import Actor
from eventhub.badges import cards, queries, service
from eventhub.badges.models import Badge
from eventhub.badges.qr import qr_png
from eventhub.badges.sheet import Face, Layout, badges_pdf, ticket_pdf
from eventhub.errors import InvalidError, RuleError
from eventhub.meetings.models import Meeting
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationRole

MOST = 2000  # badges in one file: what a mail or a printer still takes
STEP = 100  # QR codes drawn between two signs of life


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What to print, as JSON can hold it. ``layout`` is "single" (a card a page) or "a4" (four on a sheet)."""

    layout: str = "single"
    backs: bool = True
    unprinted: bool = False
    sector_id: int | None = None
    role: str = ""
    with_children: bool = False

    def args(self) -> dict[str, Any]:
        return asdict(self)


def print_run(
    meeting: Meeting, choice: Choice, *, by: Actor, progress: Callable[[int, int | None], None]
) -> tuple[bytes, int]:
    """The PDF of the chosen badges by name, and how many they are; badges that are due are issued first.

    ``progress(done, total)`` is called about every second and may save what was written. Raises RuleError when there
    is nothing to print, or more than one file can hold.
    """
    service.issue_missing(meeting, by=by)
    holders = queries.holders(
        meeting.id,
        with_children=choice.with_children,
        unprinted=choice.unprinted,
        sector_id=choice.sector_id,
        role=RegistrationRole(choice.role) if choice.role else None,
    )
    _check(len(holders))
    faces, shared = cards.faces(meeting, holders), cards.occasion(meeting)
    progress(0, len(faces))  # frees the database for the others
    pictures = _codes(faces, progress)
    pdf = _typeset(lambda: _pdf(shared, faces, choice, pictures), lambda: progress(len(faces) // 2, len(faces)))
    queries.mark_printed([holder.badge_id for holder in holders], clock.now())
    return pdf, len(faces)


def _check(number: int) -> None:
    if not number:
        raise RuleError(_("There is no badge to print in this choice. Confirm registrations first, or choose more."))
    if number > MOST:
        raise RuleError(
            _(
                "These are %(number)s badges; one file holds %(most)s. Choose a sector or a role, and print in parts.",
                number=number,
                most=MOST,
            )
        )


def _codes(faces: list[Face], progress: Callable[[int, int | None], None]) -> list[bytes]:
    """The QR codes: the first half of the work."""
    pictures: list[bytes] = []
    for start in range(0, len(faces), STEP):
        pictures += [qr_png(face.url) for face in faces[start : start + STEP]]
        progress(len(pictures) // 2, len(faces))
    return pictures


def _pdf(shared: Any, faces: list[Face], choice: Choice, pictures: list[bytes]) -> bytes:
    layout: Layout = "a4" if choice.layout == "a4" else "single"
    return badges_pdf(shared, faces, layout=layout, backs=choice.backs, codes=pictures)


def _typeset(make: Callable[[], bytes], alive: Callable[[], None]) -> bytes:
    """Run ``make`` beside, giving a sign of life each second (it may raise: the work was stopped)."""
    with ThreadPoolExecutor(1) as beside:
        made: Future[bytes] = beside.submit(make)
        while True:
            try:
                return made.result(timeout=1)
            except NotYet:
                if made.done():
                    raise
                alive()


def badge_pdf(badge: Badge, *, backs: bool = True) -> bytes:
    """One person's badge, front and back; raises RuleError when the badge is not valid."""
    meeting = badge.registration.meeting
    holders = queries.holders(meeting.id, with_children=True, badge_id=badge.id)
    if not holders:
        raise InvalidError(_("This badge is not valid any more. Issue a new one, then print that."))
    return badges_pdf(cards.occasion(meeting), cards.faces(meeting, holders), backs=backs)


def ticket(registration: Registration) -> bytes:
    """The ticket to mail or to download; raises RuleError while there is no valid badge."""
    badge = queries.valid_badge(registration.id)
    if badge is None:
        raise RuleError(_("There is no ticket: the registration is not confirmed, or its badge was revoked."))
    meeting = registration.meeting
    (holder,) = queries.holders(meeting.id, with_children=True, badge_id=badge.id)
    (face,) = cards.faces(meeting, [cast(Any, holder)])
    return ticket_pdf(cards.occasion(meeting), face)
