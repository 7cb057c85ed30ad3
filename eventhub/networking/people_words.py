"""What profiles say in the reader's words, for their pages."""

from flask_babel import gettext as _

from eventhub.directory.languages import LANGUAGES, own_words
from eventhub.directory.places import country_name
from eventhub.networking.models import Profile, Side
from eventhub.networking.queries_offers import Wanted, codes_in_use
from eventhub.networking.queries_suggestions import Reason, Suggested, Why
from eventhub.pages import query_text
from eventhub.themes import words
from eventhub.themes.codes import list_codes
from eventhub.themes.finding import offered
from eventhub.themes.states import ThemeScheme

# donors' purpose codes name what money is for, which nobody says of themselves
MORE = (ThemeScheme.GENERAL_COMMENT, ThemeScheme.CRC_ARTICLE, ThemeScheme.SDG, ThemeScheme.UPR)


def main_themes() -> list[tuple[str, str]]:
    """The ten clusters of the Committee on the Rights of the Child."""
    return [(f"{row.scheme}:{row.code}", row.title) for row in list_codes(ThemeScheme.CRC_CLUSTER)]


def offered_themes() -> list[str]:
    """Themes of the other lists as they are offered while somebody types; SDG targets far from children by code only."""
    return [offered(row) for scheme in MORE for row in list_codes(scheme) if scheme is not ThemeScheme.SDG or row.short]


def levels() -> list[tuple[str, object]]:
    return [(level.value, text) for level, text in words.LEVELS.items()]


def _word(side: Side, scheme: str, code: str) -> str:
    if side is Side.LEVEL:
        return words.level(code)
    if side is Side.COUNTRY:
        return country_name(code)
    if side is Side.LANGUAGE:
        return own_words(code) if code in LANGUAGES else code
    return words.theme(scheme, code)


def told(profile: Profile) -> list[tuple[str, str, list[str]]]:
    """(label, own words, codes in words) of everything that a profile says."""
    said: dict[Side, list[str]] = {side: [] for side in Side}
    for row in profile.codes:
        said[row.side].append(_word(row.side, row.scheme, row.code))
    parts = [
        (_("Offers"), profile.offers, said[Side.OFFERS]),
        (_("Seeks"), profile.seeks, said[Side.SEEKS]),
        (_("Works on"), profile.works_on, said[Side.WORKS_ON]),
        (_("Levels"), "", said[Side.LEVEL]),
        (_("Works in"), "", said[Side.COUNTRY]),
        (_("Talks in"), "", said[Side.LANGUAGE]),
    ]
    return [part for part in parts if part[1] or part[2]]


def wanted() -> Wanted:
    """What the page's address asks for; what is no code of ours finds nobody and harms nothing."""
    scheme, colon, code = query_text("theme").partition(":")
    return Wanted(
        q=query_text("q"),
        theme=(scheme, code) if colon else None,
        country=query_text("country"),
        level=query_text("level"),
        language=query_text("language"),
    )


def filter_choices(meeting_id: int) -> dict[str, list[tuple[str, str]]]:
    """What one can filter by: only what somebody in the list says."""
    used = codes_in_use(meeting_id)
    themes = sorted({*used[Side.OFFERS], *used[Side.SEEKS], *used[Side.WORKS_ON]})
    return {
        "theme": sorted(
            ((f"{scheme}:{code}", words.theme(scheme, code)) for scheme, code in themes), key=lambda c: c[1]
        ),
        "level": [(code, str(text)) for code, text in levels() if ("", code) in used[Side.LEVEL]],
        "country": sorted(((code, country_name(code)) for _none, code in used[Side.COUNTRY]), key=lambda c: c[1]),
        "language": sorted(((code, _word(Side.LANGUAGE, "", code)) for _none, code in used[Side.LANGUAGE])),
    }


def why(suggested: Suggested) -> list[str]:
    """The reasons of a suggestion in sentences, for the one of the two who reads them."""
    return [_sentence(reason) for reason in suggested.reasons]


def _what(reason: Reason) -> str:
    side = {Why.LEVEL: Side.LEVEL, Why.WORKS_IN: Side.COUNTRY, Why.OTHER_COUNTRY: Side.COUNTRY}.get(
        reason.why, Side.OFFERS
    )
    return "; ".join([*(_word(side, scheme, code) for scheme, code in reason.codes), *reason.words])


def _sentence(reason: Reason) -> str:
    what = _what(reason)
    return {
        Why.THEY_OFFER: _("You seek what they offer: %(what)s.", what=what),
        Why.YOU_OFFER: _("They seek what you offer: %(what)s.", what=what),
        Why.THEIR_WORDS: _("What you look for and what they know have words in common: %(what)s.", what=what),
        Why.YOUR_WORDS: _("What they look for and what you know have words in common: %(what)s.", what=what),
        Why.BOTH_WORK_ON: _("Both of you work on: %(what)s.", what=what),
        Why.LEVEL: _("Both of you work at this level: %(what)s.", what=what),
        Why.WORKS_IN: _("Both of you work in: %(what)s.", what=what),
        Why.OTHER_COUNTRY: _("They come from another country or territory: %(what)s.", what=what),
        Why.OTHER_SECTOR: _("They belong to another sector."),
    }[reason.why]


def why_both(suggested: Suggested) -> list[str]:
    """The same for a third reader: who of the two seeks what the other offers is told by name."""
    one, other = (_name(profile) for profile in (suggested.you, suggested.other))
    return [_told_to_staff(reason, one, other) for reason in suggested.reasons]


def _name(profile: Profile) -> str:
    """What to call them, kept whole in a line that runs the other way (Unicode's isolates)."""
    person = profile.registration.person
    return f"\u2068{person.called or person.full_name}\u2069"


def _told_to_staff(reason: Reason, one: str, other: str) -> str:
    what = _what(reason)
    return {
        Why.THEY_OFFER: _("%(one)s seeks what %(other)s offers: %(what)s.", one=one, other=other, what=what),
        Why.YOU_OFFER: _("%(one)s seeks what %(other)s offers: %(what)s.", one=other, other=one, what=what),
        Why.THEIR_WORDS: _("%(one)s looks for what %(other)s writes of: %(what)s.", one=one, other=other, what=what),
        Why.YOUR_WORDS: _("%(one)s looks for what %(other)s writes of: %(what)s.", one=other, other=one, what=what),
        Why.BOTH_WORK_ON: _("Both work on: %(what)s.", what=what),
        Why.LEVEL: _("Both work at this level: %(what)s.", what=what),
        Why.WORKS_IN: _("Both work in: %(what)s.", what=what),
        Why.OTHER_COUNTRY: _("They come from different countries or territories."),
        Why.OTHER_SECTOR: _("They belong to different sectors."),
    }[reason.why]
