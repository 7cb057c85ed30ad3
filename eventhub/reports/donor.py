"""What a donor's report says, as plain JSON: the one source of its page and of every file, so that all say the same.

The text is made from the counts; it claims contribution, never attribution, and puts beside each number of how many.
"""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub.directory.places import country_name
from eventhub.meetings.models import Series
from eventhub.partnerships.states import Rung
from eventhub.reports import catalogue, method, network, network_tables, told
from eventhub.reports.facts import Facts
from eventhub.reports.figures import Figure
from eventhub.reports.ledger import Kept
from eventhub.reports.network import Network
from eventhub.reports.tables import Table
from eventhub.states import label_of
from eventhub.ui import day_text, when_text

Content = dict[str, Any]


def content(facts: Facts, figures: Sequence[Figure], found: Network, *, name_all: bool = False) -> Content:
    """Everything that the report says, but for what changed since the one before. Partnerships that are not public are
    counted and not named, unless ``name_all``; sensitive ones never are."""
    rows = sorted(facts.kept, key=_best_first)
    named = [row for row in rows if (row.public or name_all) and not row.sensitive]
    stories, more = told.published(facts)
    cards = told.partnerships(facts, [row for row in named if row.counted], [story["photo"] for story in stories])
    here = {row.id for row in named}
    return {
        "about": facts.scope.words(),
        "as_of": facts.as_of.isoformat(),
        "meetings": [
            {"title": m.title, "when": when_text(m), "place": m.place, "edition": m.edition_no} for m in facts.meetings
        ],
        "headline": _headline(facts),
        "narrative": _narrative(facts),
        "example": _example(cards),
        "ladder": method.ladder(facts),
        "notes": method.notes(facts),
        "stories": stories,
        "more_stories": more,
        "told": cards,
        "figures": _in_chapters(figures),
        "network": [_table(network_tables.measure_table(found))],
        "partnerships": [_partnership(row, facts, named=row.id in here) for row in rows],
    }


def _example(cards: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The confirmed partnership of which most is known: for the first page."""
    best = max(cards, key=lambda card: (bool(card["changed"]), bool(card["quotes"]), len(card["did"])), default=None)
    if best is None or not best["did"]:
        return None
    return {key: best[key] for key in ("ref", "title", "parties", "did", "changed", "quotes", "evidence_word")}


def figures_of(facts: Facts) -> list[Figure]:
    return catalogue.make_all(facts)


def network_of(facts: Facts, every: Sequence[Series]) -> Network:
    """The network of the report's partnerships and meetings."""
    series = [facts.scope.series] if facts.scope.series else every
    ids = {meeting.id for meeting in facts.meetings}
    # partnerships from no meeting were chosen already: they stay
    kept = facts.kept
    return network.network(kept, meeting_ids=None, took_part=ids, secretariats=network.secretariats(series))


def _headline(facts: Facts) -> list[dict[str, Any]]:
    acted = [row for row in facts.counted if row.counted_activities]
    lands = {land for row in facts.counted for land in facts.countries(row) if land}
    parties = {ident for row in facts.counted for ident in row.parties}
    answer = facts.response
    return [
        {
            "n": len(facts.counted),
            "of": _("of %(n)d logged", n=len(facts.kept)),
            "label": _("partnerships that all parties confirmed"),
        },
        {
            "n": len(acted),
            "of": _("of %(n)d confirmed", n=len(facts.counted)),
            "label": _("with an activity that all parties confirmed"),
        },
        {
            "n": len(parties),
            "of": ngettext("in %(num)d country or territory", "in %(num)d countries and territories", len(lands)),
            "label": _("organisations in confirmed partnerships"),
        },
        {
            "n": answer.answered,
            "of": _("of %(n)d asked", n=answer.asked),
            "label": _("parties that answered when they were asked"),
        },
    ]


def _narrative(facts: Facts) -> list[str]:
    """A few paragraphs in plain words: what came of it, what it is worth, what did not come of it."""
    n, counted, reported = len(facts.kept), len(facts.counted), len(facts.reported)
    about = ngettext(
        "This report is about %(num)d meeting.", "This report is about %(num)d meetings.", len(facts.meetings)
    )
    about = " ".join(part for part in (about, method.filters(facts)) if part)
    if not n:
        return [f"{about} {_('No partnership that people trace back to it is on record yet.')}"]
    traced = ngettext(
        "By %(day)s, %(num)d partnership that people trace back to it was on record.",
        "By %(day)s, %(num)d partnerships that people trace back to them were on record.",
        n, day=day_text(facts.as_of),
    )  # fmt: skip
    if not counted:
        none = _(
            "None of them is confirmed by all its parties yet, so no headline figure says anything. What stands here is "
            "reported by one side or by a published source."
        )
        return [f"{about} {traced} {none}", _shortfall(facts)]
    known = ngettext(
        "All parties have confirmed %(num)d of them as it stands;", "All parties have confirmed %(num)d of them as they stand;", counted
    )  # fmt: skip
    beside = ngettext(
        "%(num)d more is reported by one side or by a published source, and is in no headline figure.",
        "%(num)d more are reported by one side or by a published source, and are in no headline figure.",
        reported,
    )
    return [f"{about} {traced} {known} {beside}", _worth(facts), _influence(facts.counted), _shortfall(facts)]


def _worth(facts: Facts) -> str:
    counted = facts.counted
    acted = sum(bool(row.counted_activities) for row in counted)
    firm = sum(row.standing.rung is Rung.SUBSTANTIATED for row in counted)
    border = sum(len([land for land in facts.countries(row) if land]) > 1 for row in counted)
    return _(
        "Of the confirmed partnerships, %(counted)d in all, %(acted)d led to at least one activity that all parties confirm, "
        "%(border)d join organisations of different countries or territories, and %(firm)d are supported by somebody "
        "independent of the parties.",
        counted=len(counted), acted=acted, border=border, firm=firm,
    )  # fmt: skip


def _influence(counted: Sequence[Kept]) -> str:
    started = sum(row.influence == "started" for row in counted)
    speeded = sum(row.influence == "speeded_up" for row in counted)
    said = _("The parties say of %(started)d of them that the meeting started the work", started=started)
    if speeded:
        said += _(", and of %(speeded)d that it made it faster", speeded=speeded)
    fair = _("That is a contribution; it does not say that nothing would have come about otherwise.")
    return f"{said}. {fair}"


def _shortfall(facts: Facts) -> str:
    """What did not come of it, and what is not known: a reader should not have to look for it."""
    disputed = sum(row.standing.disputed for row in facts.kept)
    resting = sum(row.state in ("dormant", "ended", "cancelled") for row in facts.kept)
    nothing = len({reply.partnership for reply in facts.replies if "nothing" in reply.said})
    asked, silent = facts.response.asked, facts.response.asked - facts.response.answered
    said = []
    if disputed or resting or nothing:
        said.append(
            _(
                "Not everything went on: a party disputes %(disputed)d of the partnerships on record, %(resting)d rest or "
                "have ended, and of %(nothing)d a party told us later that nothing came of it.",
                disputed=disputed, resting=resting, nothing=nothing,
            )
        )  # fmt: skip
    if asked:
        said.append(
            _("%(silent)d of the %(asked)d parties that were asked have not answered: no reply is not a no.", silent=silent, asked=asked)
        )  # fmt: skip
    else:
        said.append(_("No party has been asked to confirm anything yet."))
    return " ".join(said)


def _best_first(row: Kept) -> tuple[int, str]:
    order = [Rung.SUBSTANTIATED, Rung.CONFIRMED, Rung.REPORTED]
    return order.index(row.standing.rung), row.ref


def _partnership(row: Kept, facts: Facts, *, named: bool) -> dict[str, Any]:
    """One partnership as the report knew it: also what a later report compares with."""
    parties = [facts.organisations[ident] for ident in row.parties]
    meeting = next((m.title for m in facts.meetings if m.id == row.meeting_id), "")
    return {
        "id": row.id,
        "ref": row.ref,
        "named": named,
        "title": row.title if named else _("a partnership that is not public"),
        "parties": [party.name for party in parties] if named else [],
        "party_ids": list(row.parties),
        "countries": [country_name(party.country) for party in parties if party.country],
        "meeting": meeting,
        "evidence": row.standing.rung.value,
        "evidence_word": _("disputed") if row.standing.disputed else label_of(row.standing.rung),
        "words": sorted(word.value for word in row.standing.words.values()),
        "stage": row.stage.least if row.stage else None,
        "activities": row.counted_activities,
        "activities_all": len(row.activities),
        "themes": row.theme_words(),
    }


def _in_chapters(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    by_key = {figure.key: figure for figure in figures}
    heads = {
        "came": _("Who came"),
        "grew": _("What grew from it"),
        "known": _("How well it is known, and when it happened"),
    }
    return [
        {**_figure(by_key[key]), "chapter": heads[chapter]}
        for chapter, keys in catalogue.CHAPTERS.items()
        for key in keys
        if key in by_key
    ]


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "key": figure.key,
        "title": figure.title,
        "n": figure.n,
        "base": figure.base,
        "definition": figure.definition,
        "as_of": figure.as_of.isoformat(),
        "answered": figure.response.answered if figure.response else None,
        "asked": figure.response.asked if figure.response else None,
        "table": _table(figure.table),
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "key": table.key,
        "title": table.title,
        "header": table.header,
        "rows": [["–" if row.quiet and cell is None else cell for cell in row.cells] for row in table.rows],
        "note": table.note,
        "numeric": sorted(table.numeric),
    }
