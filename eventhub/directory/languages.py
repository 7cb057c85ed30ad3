"""The languages that people of the region read and organisations are named in."""

from functools import lru_cache

from babel import Locale

from eventhub.directory.names import fold

LANGUAGES = {  # each in its own words
    "en": "English", "km": "ភាសាខ្មែរ", "vi": "Tiếng Việt", "th": "ไทย", "lo": "ລາວ", "my": "မြန်မာ",
    "id": "Bahasa Indonesia", "ms": "Bahasa Melayu", "fil": "Filipino", "tet": "Tetun", "ja": "日本語", "ko": "한국어",
    "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "zh": "中文", "mn": "Монгол", "ne": "नेपाली", "hi": "हिन्दी", "bn": "বাংলা",
    "mr": "मराठी", "pa": "ਪੰਜਾਬੀ", "te": "తెలుగు", "si": "සිංහල", "ta": "தமிழ்", "ur": "اردو", "fa": "فارسی", "prs": "دری",
    "ps": "پښتو", "uz": "Oʻzbekcha", "bo": "བོད་སྐད་", "dz": "རྫོང་ཁ", "dv": "ދިވެހިބަސް", "fr": "Français", "es": "Español",
    "pt": "Português", "ru": "Русский", "ar": "العربية",
}  # fmt: skip
_ALIASES = {"tagalog": "fil", "burmese": "my", "nepali": "ne", "bahasa indonesia": "id", "dari": "prs", "chinese": "zh"}


def language_choices() -> list[tuple[str, str]]:
    """(tag, the language in its own words)."""
    return list(LANGUAGES.items())


def own_words(tag: str) -> str:
    """A language in its own words; a tag that the CLDR does not know stands for itself."""
    return LANGUAGES.get(tag) or str(Locale.parse(tag, sep="-").get_display_name() or tag)


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
