"""In which languages the software's own words are there, and how far each translation can be trusted."""

from collections.abc import Iterable

from flask_babel import LazyString, get_locale, get_translations, gettext
from markupsafe import Markup, escape

from eventhub import paths

# pages can be asked for in these by ?lang=…; they are offered only where somebody has translated them
LANGUAGES = {"en": "English", "km": "ភាសាខ្មែរ", "ur": "اردو"}
SPOKEN = tuple(
    tag for tag in LANGUAGES if tag == "en" or (paths.TRANSLATIONS / tag / "LC_MESSAGES" / "messages.mo").is_file()
)
# nobody who speaks these has checked their catalogues yet: their pages and letters say so, in English too
DRAFTS = frozenset({"km", "ur"})


def is_draft() -> bool:
    """Whether the words of this page or letter are a translation that nobody has checked."""
    return str(get_locale() or "en") in DRAFTS and bool(get_translations().files)


class Reviewed(LazyString):
    """Words that somebody agrees to. They are said in a language once their translation has been checked there.

    Until then a catalogue has no entry for them, so they stay English on every page, and are marked as English: they
    read right in a line from right to left, and a screen reader says them right.
    """

    def __init__(self, english: str) -> None:
        super().__init__(gettext, english)
        self.english = english

    @property
    def language(self) -> str:
        """In which language they are shown here and now."""
        return "en" if str(self) == self.english else str(get_locale() or "en")

    def __html__(self) -> Markup:
        if self.language == str(get_locale() or "en"):
            return escape(str(self))
        return Markup('<span lang="en" dir="ltr">{}</span>').format(str(self))


def shown_in(texts: Iterable[Reviewed]) -> str:
    """The language in which a page shows these together, now: English as soon as one of them has no other words."""
    languages = {text.language for text in texts}
    return languages.pop() if len(languages) == 1 else "en"
