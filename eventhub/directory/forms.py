"""Forms for organisations and people."""

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length

from eventhub.directory.columns import What
from eventhub.directory.imprecise import written
from eventhub.directory.languages import LANGUAGES, language_choices
from eventhub.directory.models import NameKind, Organisation, Person
from eventhub.directory.places import country_choices
from eventhub.directory.service import MOST_NAMES
from eventhub.directory.sheets import ENCODINGS
from eventhub.meetings import queries as meetings
from eventhub.pages import PageForm

KINDS = [
    (NameKind.OFFICIAL.value, _("Official name")),
    (NameKind.SHORT.value, _("Short name")),
    (NameKind.FORMER.value, _("Former name")),
    (NameKind.ALIAS.value, _("Other spelling")),
]
FREE_NAMES = 3  # empty lines for more names, on every visit


class NameList(FieldList):
    """A list of names; a field's number that is none is left out rather than breaking the page."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        numbers = (key[len(prefix) + 1 :].split("-", 1)[0] for key in formdata if key.startswith(f"{prefix}-"))
        return (int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) < 4)


class NameForm(PageForm):
    """One further name of an organisation."""

    class Meta(PageForm.Meta):
        csrf = False  # the form around it has the token

    text = StringField(_("Name"), [Length(max=300)])
    lang = SelectField(_("Language"), default="")
    kind = SelectField(_("Kind"), choices=KINDS, default=NameKind.OFFICIAL.value)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lang.choices = [("", "–"), *language_choices()]
        if self.lang.data and self.lang.data not in LANGUAGES:  # imported with a tag of its own: keep it
            self.lang.choices.append((self.lang.data, self.lang.data))


class OrganisationForm(PageForm):
    version = HiddenField()
    name = StringField(_("Name"), [InputRequired(), Length(max=300)], description=_("The name to show in lists."))
    names = NameList(FormField(NameForm), _("Further names"), max_entries=MOST_NAMES)
    country = SelectField(_("Country or territory"))
    sector_id = SelectField(_("Sector"), coerce=int, default=0)
    email = StringField(_("E-mail"), [Length(max=254)], description=_("Invitations go to this address."))
    website = StringField(_("Website"), [Length(max=300)])
    is_another = BooleanField(_("This is another organisation. Add it."))

    def __init__(self, organisation: Organisation | None = None, **kwargs: Any) -> None:
        if organisation is not None:
            kwargs["data"] = {
                **{name: getattr(organisation, name) for name in ("name", "country", "email", "website", "version")},
                "sector_id": organisation.sector_id or 0,
                "names": [{"text": n.text, "lang": n.lang, "kind": n.kind.value} for n in organisation.names[1:]],
            }
        super().__init__(**kwargs)
        self.country.choices = [("", _("Choose")), *country_choices()]
        self.sector_id.choices = [(0, _("Not known")), *((s.id, s.name) for s in meetings.list_sectors())]
        if not self.is_submitted():
            for _line in range(FREE_NAMES):
                self.names.append_entry()

    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        sector = next((s for s in meetings.list_sectors() if s.id == self.sector_id.data), None)
        return {
            "name": self.name.data,
            "country": self.country.data or "",
            "sector": sector,
            "email": self.email.data or "",
            "website": self.website.data or "",
            "names": [(e["text"], e["lang"], e["kind"]) for e in self.names.data if e["text"]],
        }


class PersonForm(PageForm):
    version = HiddenField()
    full_name = StringField(
        _("Name"), [InputRequired(), Length(max=300)], description=_("As the person writes it, in any script.")
    )
    latin_name = StringField(
        _("Name in Latin letters"),
        [Length(max=300)],
        description=_("Leave it empty when the name above is in Latin letters already."),
    )
    called = StringField(
        _("What to call the person"),
        [Length(max=300)],
        description=_("A short name or nickname; of a child the name that it chose."),
    )
    email = StringField(_("E-mail"), [Length(max=254)])
    phone = StringField(_("Phone"), [Length(max=60)])
    country = SelectField(_("Country or territory"))
    language = SelectField(_("Language of letters"), default="en")
    at_risk = BooleanField(
        _("This person is at risk"), description=_("The name then appears in no list, no search and no export.")
    )

    def __init__(self, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(obj=person, **kwargs)
        self.country.choices = [("", _("Choose")), *country_choices()]
        self.language.choices = language_choices()
        if person is not None and person.language not in LANGUAGES:
            self.language.choices.append((person.language, person.language))

    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: field.data for name, field in self._fields.items() if name not in ("csrf_token", "version")}


class AffiliationForm(PageForm):
    """Where a person belongs; the organisation is named in words, any of its names will do."""

    organisation = StringField(
        _("Organisation"), [InputRequired(), Length(max=300)], description=_("Any name that it is known by.")
    )
    post = StringField(_("Post"), [Length(max=300)])
    start = StringField(
        _("Since"), [Length(max=20)], description=_("2019, 2019-05 or 2019-05-14. Empty when it is not known.")
    )
    end = StringField(_("Until"), [Length(max=20)], description=_("Empty when the person is still there."))


class MembershipForm(PageForm):
    network = StringField(_("Network"), [InputRequired(), Length(max=300)], description=_("Any name it is known by."))
    role = StringField(_("Role"), [Length(max=100)], default="member")
    start = StringField(_("Since"), [Length(max=20)], description=_("2019, 2019-05 or 2019-05-14."))
    end = StringField(_("Until"), [Length(max=20)])


class EndForm(PageForm):
    end = StringField(_("Until"), [InputRequired(), Length(max=20)], description=_("2019, 2019-05 or 2019-05-14."))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if kwargs.get("obj") is not None and not self.is_submitted():
            self.end.data = written(kwargs["obj"].end, kwargs["obj"].end_precision)


class ListForm(PageForm):
    """A list that is read into a preview: the file, and the encoding where it has to be said."""

    file = FileField(
        _("The list"),
        [FileRequired(_("Choose a file."))],
        description=_("An Excel workbook (.xlsx) or CSV, at most 10 MB and 20,000 rows."),
    )
    encoding = SelectField(
        _("Letters of a CSV file"),
        choices=[("", _("Find out")), *((name, label) for name, label in ENCODINGS.items())],
        default="",
        description=_("Only when the names look wrong in the preview."),
    )


class ImportForm(ListForm):
    what = RadioField(
        _("What is in the list"),
        [InputRequired()],
        choices=[(What.ORGANISATIONS.value, _("Organisations")), (What.PEOPLE.value, _("People"))],
    )


class MergeForm(PageForm):
    """Which of the two stays; both are ids of the same kind of record."""

    kept = IntegerField(_("Keep"), [InputRequired()])
    gone = IntegerField(_("Merge"), [InputRequired()])
