"""How a report was made, in words for its readers: the evidence ladder with who stands on which step, who was asked and
who answered, what is in no number. Every number in these words is counted like all others."""

from typing import Any

from flask_babel import gettext as _

from eventhub.directory.places import country_name
from eventhub.partnerships.states import FOLLOW_UP_MONTHS, Rung
from eventhub.reports.facts import Facts
from eventhub.states import label_of

EXACT = 1  # days between the earliest and the latest day that a date allows, where it is known to the day


def ladder(facts: Facts) -> list[dict[str, Any]]:
    """The three steps, lowest first, with how many partnerships stand on each and what it takes to stand there."""
    means = {
        Rung.REPORTED: _("One side, the secretariat or a published source says so. In no headline figure."),
        Rung.CONFIRMED: _("All parties read the facts as they stand here and confirmed them. Counted."),
        Rung.SUBSTANTIATED: _("Confirmed, and somebody independent of the parties supports it. Counted."),
    }
    return [
        {"rung": rung.value, "label": label_of(rung), "n": sum(row.standing.rung is rung for row in facts.kept), "means": text}
        for rung, text in means.items()
    ]  # fmt: skip


def notes(facts: Facts) -> list[dict[str, str]]:
    """The method in short notes: {head, text}."""
    only = filters(facts)
    return [
        *([{"head": _("What was left out of this report"), "text": only}] if only else []),
        {"head": _("Where the numbers come from"), "text": _where(facts)},
        {"head": _("Who was asked, and who answered"), "text": _answers(facts)},
        {"head": _("Dates that people remember"), "text": _dates(facts)},
        {"head": _("How close the work is"), "text": _(
            "Four questions after Himmelman: do the parties exchange information, alter what they do, share resources, "
            "enhance each other's capacity? Each yes is one step, from 0 to 4. The newest answers count, and may be lower."
        )},
        {"head": _("Contribution, not attribution"), "text": _(
            "A partnership is traced to a meeting where its parties, or a source, say that it began or grew there. That "
            "does not say that they would not have met elsewhere. What a party did before is shown as context and counted "
            "nowhere."
        )},
        {"head": _("Who is protected"), "text": _(
            "Children are in no number of people and in no list. Partnerships in which somebody is at risk are left out "
            "altogether. Where either took part in a meeting, numbers of people under 5 are not written, nor others from "
            "which they could be worked out. People are named only where they agreed, or where a published source that is "
            "cited names them."
        )},
    ]  # fmt: skip


def filters(facts: Facts) -> str:
    """What a sector, a country or a theme leaves out, in sentences; "" without such a filter."""
    scope, said = facts.scope, []
    homes = [scope.sector.name] if scope.sector else []
    homes += [country_name(scope.country)] if scope.country else []
    if homes:
        said.append(_("Only partnerships with a party of this choice are in it: %(choice)s.", choice=", ".join(homes)))
        if facts.silent_on_people:
            said.append(_("Children or people at risk took part, so nothing is said of people by sector or country."))
        else:
            said.append(_("Of the people, only those of this choice are counted; invitations are not told apart."))
    if scope.theme:
        theme = scope.theme_words or scope.theme
        said.append(_("Only partnerships on this theme are in it: %(theme)s.", theme=theme))
        said.append(_("People are counted whatever their theme."))
    return " ".join(said)


def _where(facts: Facts) -> str:
    return _(
        "Every number is counted from single records: who took part, who introduced whom, which partnership began where. "
        "This report was counted once, on the day it says, and is kept as it is. The workbook that goes with it has every "
        "table in full; %(n)d partnerships are in it.",
        n=len(facts.kept),
    )


def _answers(facts: Facts) -> str:
    asked = facts.response
    if not asked.asked:
        return _("No party has been asked yet to confirm the facts of its partnership, so nothing is confirmed.")
    first = _(
        "%(asked)d parties were asked to confirm the facts of their partnership, and %(answered)d answered (%(rate)s). A "
        "party that did not answer counts as silent, not as a no.",
        asked=asked.asked, answered=asked.answered, rate=rate(asked.answered, asked.asked),
    )  # fmt: skip
    waves = []
    for months in FOLLOW_UP_MONTHS:
        here = [reply for reply in facts.replies if reply.months == months]
        n, of = sum(reply.answered for reply in here), sum(reply.asked for reply in here)
        if of:
            waves.append(_("%(months)d months: %(n)d of %(of)d", months=months, n=n, of=of))
    past = [reply for reply in facts.replies if reply.months > max(FOLLOW_UP_MONTHS)]
    if past:
        n, of = sum(reply.answered for reply in past), sum(reply.asked for reply in past)
        waves.append(_("later, asked by hand: %(n)d of %(of)d", n=n, of=of))
    later = _("Asked again later, each party by itself, so many answered after %(waves)s.", waves="; ".join(waves))
    return f"{first} {later}" if waves else first


def rate(n: int, of: int) -> str:
    return f"{round(100 * n / of)}%" if of else _("unknown")


def _dates(facts: Facts) -> str:
    exact = sum(row.contact is not None and (row.contact.last - row.contact.first).days < EXACT for row in facts.kept)
    none = sum(row.contact is None for row in facts.kept)
    return _(
        "The day of the first contact is known of %(exact)d partnerships, only its month or year of %(about)d, nothing of "
        "%(none)d. Where a date is a month or a year, so are the times worked out from it: they are given as a range.",
        exact=exact, about=len(facts.kept) - exact - none, none=none,
    )  # fmt: skip
