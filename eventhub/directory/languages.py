"""The languages that people of the region read and organisations are named in."""

from functools import lru_cache

from babel import Locale

from eventhub.directory.names import fold

LANGUAGES = (
    "en", "ar", "bn", "bo", "dv", "dz", "fa", "fil", "fr", "hi", "id", "ja", "km", "ko", "lo", "mn", "mr", "ms", "my",
    "ne", "pa", "prs", "ps", "pt", "ru", "si", "ta", "te", "tet", "th", "ur", "uz", "vi", "zh", "zh-Hant",
)  # fmt: skip
_OWN_WORDS = {"prs": "دری", "tet": "Tetun"}  # the CLDR lacks these
_ALIASES = {"tagalog": "fil", "burmese": "my", "nepali": "ne", "bahasa indonesia": "id", "dari": "prs", "chinese": "zh"}


def language_choices() -> list[tuple[str, str]]:
    """(tag, the language in its own words)."""
    return [(tag, own_words(tag)) for tag in LANGUAGES]


def own_words(tag: str) -> str:
    return _OWN_WORDS.get(tag) or str(Locale.parse(tag, sep="-").get_display_name() or tag)


def find_language(text: str) -> str | None:
    """The tag that a list's "km", "Khmer" or "ខ្មែរ" means; None when it is not known."""
    return _index().get(fold(text))


@lru_cache(1)
def _index() -> dict[str, str]:
    english = Locale("en").languages
    found = {fold(tag): tag for tag in LANGUAGES}
    found |= {fold(own_words(tag)): tag for tag in LANGUAGES}
    found |= {fold(english.get(tag.replace("-", "_"), tag)): tag for tag in LANGUAGES}
    return found | _ALIASES
