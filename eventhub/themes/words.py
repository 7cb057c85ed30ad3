"""Schemes and levels in words, and a theme as its list names it."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from eventhub.themes.codes import find_code
from eventhub.themes.states import LevelKind, ThemeScheme

SCHEMES: dict[ThemeScheme, LazyString] = {
    ThemeScheme.OWN: _("Our own words"),
    ThemeScheme.CRC_CLUSTER: _("CRC cluster"),
    ThemeScheme.CRC_ARTICLE: _("CRC article"),
    ThemeScheme.GENERAL_COMMENT: _("General comment"),
    ThemeScheme.SDG: _("SDG target"),
    ThemeScheme.DAC: _("OECD-DAC purpose"),
    ThemeScheme.UPR: _("UPR theme"),
}
LEVELS: dict[LevelKind, LazyString] = {
    LevelKind.COMMUNE: _("Commune"),
    LevelKind.DISTRICT: _("District"),
    LevelKind.PROVINCE: _("Province"),
    LevelKind.NATIONAL: _("National"),
    LevelKind.SUB_REGIONAL: _("Sub-regional"),
    LevelKind.REGIONAL: _("Regional"),
    LevelKind.GLOBAL: _("Global"),
}


def theme(scheme: str, code: str) -> str:
    """A theme in words; the code itself where the list does not hold it."""
    known = find_code(ThemeScheme(scheme), code) if scheme in list(ThemeScheme) else None
    return known.title if known is not None else code


def level(code: str) -> str:
    return str(LEVELS[LevelKind(code)]) if code in list(LevelKind) else code
