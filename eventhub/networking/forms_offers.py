"""The form in which a participant says what they offer, seek and work on. Its vocabularies come from the page."""

import re
from collections.abc import Callable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from wtforms import BooleanField, Field, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, html_params

from eventhub.directory.languages import find_language, own_words
from eventhub.directory.places import country_name, find_country
from eventhub.networking.models import THEME_SIDES, Contact, Profile, ProfileCode, Side
from eventhub.networking.offers import Code, Entry
from eventhub.pages import PageForm, clean_line
from eventhub.themes.codes import find_code
from eventhub.themes.finding import find_theme, offered
from eventhub.themes.states import ThemeScheme

CONTACTS = [
    (Contact.NOBODY.value, _("Nobody")),
    (Contact.CONFIRMED.value, _("People I met, where we both said so and I share it")),
    (Contact.EVERYBODY.value, _("Every participant of this meeting")),
]
_BETWEEN = re.compile(r"[,;،؛、，\n]")
_MOST = 30  # countries or languages of one person
_MOST_THEMES = 12  # on one side, besides the main ones
_EXACTLY = _("A general comment, an article, an SDG target or a UPR theme: begin to write its name or number.")
MAIN = ThemeScheme.CRC_CLUSTER.value
Theme = tuple[str, str]  # scheme, code


class BoxesField(SelectMultipleField):
    """Several of a list, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NamesField(StringField):
    """Names with commas between them, each of which ``find`` turns into a code; what is not known is named."""

    def __init__(self, label: Any = None, validators: Any = (), *, find: Callable[[str], str | None], **options: Any):
        super().__init__(label, [*validators, Length(max=1000)], **options)
        self._find = find

    @property
    def codes(self) -> list[str]:
        found = [self._find(name) for name in self._names()]
        return list(dict.fromkeys(code for code in found if code))

    def _names(self) -> list[str]:
        return [name.strip() for name in _BETWEEN.split(self.data or "") if name.strip()]

    def pre_validate(self, form: Any) -> None:
        unknown = [name for name in self._names() if self._find(name) is None]
        if unknown:
            raise ValidationError(
                gettext("We do not know “%(name)s”. Please write it in another way.", name=unknown[0][:60])
            )
        if len(self._names()) > _MOST:
            raise ValidationError(gettext("Please name at most %(most)s.", most=_MOST))


class ThemesField(Field):
    """Themes by name or code, one a line of its own; the page's list ``themes`` is offered while somebody types."""

    def __init__(self, label: Any = None, validators: Any = (), **options: Any) -> None:
        super().__init__(label, validators, **options)
        self.found: list[Theme] = []

    def widget(self, field: Any, **attributes: Any) -> Markup:
        """As many lines as are filled, and two to write in; their label is the first one's."""
        lines = [*self.lines(), "", ""][:_MOST_THEMES]
        first, others = {"id": self.id}, {"aria_label": str(self.label.text)}
        inputs = [
            html_params(
                name=self.name, value=line, list="themes", maxlength=300, **(others if at else first), **attributes
            )
            for at, line in enumerate(lines)
        ]
        return Markup("".join(f"<input {attributes}>" for attributes in inputs))  # noqa: S704  (html_params escapes)

    def lines(self) -> list[str]:
        return [line for line in self.data or [] if line]

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [str(clean_line(value))[:300] for value in valuelist if value]

    def pre_validate(self, form: Any) -> None:
        self.found = []
        for line in self.lines()[:_MOST_THEMES]:
            known = find_theme(line)
            if known is None:
                raise ValidationError(
                    gettext(
                        "No list has a theme “%(name)s”. Choose one that is offered, or write it in your own words above.",
                        name=line[:60],
                    )
                )
            self.found.append((known.scheme.value, known.code))


def _words(label: Any) -> TextAreaField:
    return TextAreaField(label, [Length(max=600)])


class OffersForm(PageForm):
    offers = _words(_("What I can offer, in my own words"))
    offers_main = BoxesField(_("I offer experience with"))
    offers_more = ThemesField(_("More exactly, what I offer"), description=_EXACTLY)
    seeks = _words(_("What I am looking for, in my own words"))
    seeks_main = BoxesField(_("I seek experience with"))
    seeks_more = ThemesField(_("More exactly, what I seek"), description=_EXACTLY)
    works_on = _words(_("What I work on, in my own words"))
    works_on_main = BoxesField(_("I work on"))
    works_on_more = ThemesField(_("More exactly, what I work on"), description=_EXACTLY)
    levels = BoxesField(_("At which level I work"))
    countries = NamesField(
        _("Countries and territories I work in"), find=find_country, description=_("With commas between them.")
    )
    languages = NamesField(
        _("Languages I can talk in"), find=find_language, description=_("For example: English, Khmer.")
    )
    contact = RadioField(_("Who may see my e-mail address"), choices=CONTACTS, default=Contact.NOBODY.value)
    listed = BooleanField(
        _("Show this, with my name and organisation, to the other participants"),
        description=_("Without your yes, nobody sees anything of it. You can change it at any time."),
    )
    may_be_asked = BooleanField(
        _("Others in this list may ask me for a 1:1 meeting"),
        description=_("You can say no to each, or propose another time. Your e-mail address is not shown for it."),
    )

    def offer(self, main: list[tuple[str, str]], levels: list[tuple[str, Any]]) -> "OffersForm":
        """Set the choices: main themes are ``scheme:code``."""
        for side in THEME_SIDES:
            self[f"{side}_main"].choices = main
        self.levels.choices = levels
        return self

    def entry(self) -> Entry:
        """The fields as the service takes them; once the form is valid."""
        codes: list[Code] = []
        for side in THEME_SIDES:
            chosen = [tuple(value.split(":", 1)) for value in self[f"{side}_main"].data or []]
            codes += [(side, scheme, code) for scheme, code in [*chosen, *self[f"{side}_more"].found]]
        codes += [(Side.LEVEL, "", code) for code in self.levels.data or []]
        codes += [(Side.COUNTRY, "", code) for code in self.countries.codes]
        codes += [(Side.LANGUAGE, "", code) for code in self.languages.codes]
        return Entry(
            offers=self.offers.data or "",
            seeks=self.seeks.data or "",
            works_on=self.works_on.data or "",
            codes=codes,
            contact=Contact(self.contact.data),
            listed=bool(self.listed.data),
            may_be_asked=bool(self.may_be_asked.data),
        )


def stored(profile: Profile | None) -> dict[str, Any]:
    """What the form shows of a profile."""
    if profile is None:
        return {}
    told: dict[Side, list[str]] = {side: [] for side in Side}
    for row in profile.codes:
        told[row.side].append(f"{row.scheme}:{row.code}" if row.side in THEME_SIDES else row.code)
    data: dict[str, Any] = {f"{side}_main": told[side] for side in THEME_SIDES}
    data |= {
        f"{side}_more": [_written(row) for row in profile.codes if row.side is side and row.scheme != MAIN]
        for side in THEME_SIDES
    }
    return {
        **data,
        "offers": profile.offers,
        "seeks": profile.seeks,
        "works_on": profile.works_on,
        "levels": told[Side.LEVEL],
        "countries": ", ".join(country_name(code) for code in told[Side.COUNTRY]),
        "languages": ", ".join(own_words(tag) for tag in told[Side.LANGUAGE]),
        "contact": profile.contact.value,
        "listed": profile.listed,
        "may_be_asked": profile.may_be_asked,
    }


def _written(row: ProfileCode) -> str:
    """A theme as it is offered, so that it is read back as the same."""
    known = find_code(ThemeScheme(row.scheme), row.code) if row.scheme in list(ThemeScheme) else None
    return offered(known) if known is not None else row.code
