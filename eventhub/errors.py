"""How the software says no: one family of errors, each with a sentence for the person.

Services raise these. Pages turn them into a flash or a field's error, the API into ``application/problem+json``.
The sentences are lazy: ``str(error)`` is in the language of whoever reads at that moment, and English where nobody
reads along (a task, a command, no app at all).
"""

from typing import TypeAlias

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

Sentence: TypeAlias = str | LazyString


class RuleError(Exception):
    """A rule says no. ``str(error)`` is the sentence for the person; ``field`` names the form field it concerns."""

    status = 409
    sentence: Sentence = _("This cannot be done now. Look at the page again and try once more.")

    def __init__(self, sentence: Sentence | None = None, *, field: str | None = None) -> None:
        super().__init__(self.sentence if sentence is None else sentence)
        self.field = field


class NotFoundError(RuleError):
    status = 404
    sentence = _("There is nothing at this address. It may have been removed, or the address was copied only in part.")


class NotAllowedError(RuleError):
    status = 403
    sentence = _("Your account may not do this here. Ask an organiser of the meeting if you need it.")


class InvalidError(RuleError):
    status = 422
    sentence = _("Something in this form is not right yet.")


class LinkError(RuleError):
    """A personal link that does not work (any more).

    ``meeting_id`` is for who once held a true link: the page then names the meeting and how to reach its organisers.
    """

    status = 404
    sentence = _(
        "This link does not work. Copy the whole link from your latest letter, or ask the organisers for a new one."
    )

    def __init__(
        self, sentence: Sentence | None = None, *, field: str | None = None, meeting_id: int | None = None
    ) -> None:
        super().__init__(sentence, field=field)
        self.meeting_id = meeting_id


class LinkExpiredError(LinkError):
    status = 410
    sentence = _("This link has expired. Ask the organisers for a new one; nothing that you sent before is lost.")


class LinkWithdrawnError(LinkError):
    status = 410
    sentence = _("This link was replaced or withdrawn. Use the link in your latest letter, or ask the organisers.")


class LinkUsedError(LinkError):
    status = 410
    sentence = _("This link was used already, and once is enough. Your latest letter has the link to your own page.")


class StaleError(RuleError):
    """Somebody else changed the record meanwhile."""

    sentence = _(
        "Somebody changed this while you were working on it. Nothing you typed is lost: "
        "compare it with what is stored now, then save again."
    )


class IllegalMoveError(RuleError):
    """A record cannot go from its state to the one that was asked for."""

    sentence = _(
        "This step is not possible from the present state. Look at the page again: it may have changed meanwhile."
    )
