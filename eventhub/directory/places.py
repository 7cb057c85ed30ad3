"""Countries and territories: their codes, their names in the reader's language, and reading them from people's lists.

We say "countries and territories": Hong Kong, Macao and Taiwan take part under their own names, and Kosovo has the
user-assigned code XK that the field uses. Names come from the CLDR, through Babel.
"""

from functools import lru_cache

import pycountry
from babel import Locale
from flask_babel import get_locale

from eventhub.directory.names import fold

CODES = frozenset({country.alpha_2 for country in pycountry.countries} | {"XK"})
# the CLDR's long forms, shortened to what people from there write themselves
_SHORT = {"HK": "Hong Kong", "MO": "Macao"}
# lists come in the languages of the region
_LANGUAGES = (
    "en", "fr", "es", "pt", "ar", "fa", "ur", "ps", "hi", "ne", "bn", "si", "ta", "mr", "te", "pa", "gu", "dv", "th",
    "lo", "my", "km", "vi", "id", "ms", "fil", "mn", "ja", "ko", "zh", "zh_Hant", "ru", "dz", "bo",
)  # fmt: skip
# what lists say besides the CLDR's and ISO's names
_ALIASES = {
    "burma": "MM", "korea": "KR", "south korea": "KR", "rok": "KR", "republic of korea": "KR", "north korea": "KP",
    "dprk": "KP", "lao": "LA", "laos": "LA", "lao pdr": "LA", "viet nam": "VN", "hong kong": "HK",
    "hong kong sar": "HK", "macau": "MO", "macao sar": "MO", "taiwan": "TW", "chinese taipei": "TW", "roc": "TW",
    "east timor": "TL", "timor leste": "TL", "brunei": "BN", "usa": "US", "us": "US", "uk": "GB",
    "england": "GB", "scotland": "GB", "great britain": "GB", "russia": "RU", "iran": "IR", "syria": "SY",
    "micronesia": "FM", "palestine": "PS", "prc": "CN", "mainland china": "CN", "the philippines": "PH",
    "the maldives": "MV", "the netherlands": "NL", "kosovo": "XK", "turkey": "TR", "香港": "HK", "澳門": "MO", "澳门": "MO", "swaziland": "SZ",
}  # fmt: skip


def country_name(code: str) -> str:
    """The name of a country or territory in the reader's language; the code itself where there is none."""
    locale = get_locale() or Locale("en")
    if locale.language == "en" and code in _SHORT:
        return _SHORT[code]
    return str(locale.territories.get(code) or Locale("en").territories.get(code) or code)


def country_choices() -> list[tuple[str, str]]:
    """(code, name) of every country and territory, by name, in the reader's language."""
    return list(_choices(str(get_locale() or "en")))


@lru_cache(32)
def _choices(_language: str) -> tuple[tuple[str, str], ...]:
    """Sorted once per language: every form asks for it."""
    return tuple(sorted(((code, country_name(code)) for code in CODES), key=lambda pair: fold(pair[1])))


def find_country(text: str) -> str | None:
    """The code that a list's "KH", "KHM", "Cambodia", "កម្ពុជា" or "Lao PDR" means; None when it is not known."""
    plain = text.strip()
    if plain.upper() in CODES:
        return plain.upper()
    return _index().get(fold(plain))


def nearest_country(text: str) -> str:
    """The English name that comes closest to a misspelt one, or ""."""
    from rapidfuzz import fuzz, process  # loaded by who compares names

    best = process.extractOne(fold(text), _index().keys(), scorer=fuzz.ratio, score_cutoff=75)
    return str(Locale("en").territories.get(_index()[best[0]], "")) if best else ""


@lru_cache(1)
def _index() -> dict[str, str]:
    found: dict[str, str] = {}
    for country in pycountry.countries:
        for attribute in ("name", "common_name", "official_name", "alpha_3"):
            found.setdefault(fold(getattr(country, attribute, "") or country.name), country.alpha_2)
    for language in _LANGUAGES:
        territories = Locale.parse(language).territories
        for code in CODES & territories.keys():
            found.setdefault(fold(territories[code]), code)
    return {**found, **{fold(name): code for name, code in _ALIASES.items()}, "xkx": "XK"}
