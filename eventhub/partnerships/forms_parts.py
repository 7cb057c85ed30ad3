"""Forms for the parts of a partnership. Each reads a row and gives back what the service takes."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, DecimalField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from eventhub.directory import imprecise
from eventhub.networking.forms import RememberedDateField
from eventhub.networking.service import pick_person
from eventhub.partnerships import states as s
from eventhub.partnerships import words
from eventhub.partnerships.checks import AGES, LARGEST_AMOUNT, LARGEST_COUNT, SEXES
from eventhub.partnerships.forms import NOT_KNOWN, ChecklistField, VersionForm
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.parts import attach
from eventhub.partnerships.pick import pick_organisation
from eventhub.themes.finding import find_by_code, offered

YES_NO = [("", _("Not known")), ("yes", _("Yes")), ("no", _("No"))]


def _yes_no(text: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(text or "")


def _said(answer: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[answer]


class PartForm(VersionForm):
    """One part of a partnership. ``DATES`` are its remembered dates, ``ENUMS`` its vocabularies."""

    DATES: tuple[str, ...] = ()
    ENUMS: dict[str, Any] = {}  # noqa: RUF012  (read only)

    def prepare(self, partnership: Partnership) -> None:
        """Offer what depends on the partnership, such as its parties."""

    def values(self) -> dict[str, Any]:
        """The fields as the service takes them."""
        skip = {"csrf_token", "version", "why"}
        found: dict[str, Any] = {
            name: field.data if field.data is not None or not isinstance(field, StringField) else ""
            for name, field in self._fields.items()
            if name not in skip
        }
        for name in self.DATES:
            found[name], found[f"{name}_precision"] = self[name].remembered
        for name, kind in self.ENUMS.items():
            found[name] = kind(found[name])
        return found

    @classmethod
    def data_of(cls, row: Any) -> dict[str, Any]:
        """What the form shows for a row."""
        names = [name for name in dir(cls) if hasattr(row, name) and not name.startswith("_")]
        data = {name: getattr(row, name) for name in names if not callable(getattr(row, name))}
        data.update(
            {name: imprecise.written(getattr(row, name), getattr(row, f"{name}_precision")) for name in cls.DATES}
        )
        return data


class PartyForm(PartForm):
    DATES = ("joined", "left")
    ENUMS = {"role": s.PartyRole}  # noqa: RUF012
    organisation = StringField(_("Organisation"), [DataRequired()], description=_("Any of its names, or #12."))
    role = SelectField(_("Role"), choices=words.choices(s.PartyRole), default="partner")
    focal_person = StringField(
        _("Focal person"), description=_("A name, an e-mail address or #12. Letters go here, else to the organisation.")
    )
    joined = RememberedDateField(_("Since"))
    left = RememberedDateField(_("When they left"))

    def values(self) -> dict[str, Any]:
        found = super().values()
        found["organisation"] = pick_organisation(found["organisation"], "organisation")
        found["focal_person"] = pick_person(found["focal_person"], "focal_person")
        return found

    @classmethod
    def data_of(cls, row: Any) -> dict[str, Any]:
        person = row.focal_person
        return {
            **super().data_of(row),
            "organisation": f"{row.organisation.name} #{row.organisation_id}",
            "focal_person": f"{person.full_name} #{person.id}" if person is not None else "",
        }


class PlaceForm(PartForm):
    names = TextAreaField(
        _("Names of the place"), [DataRequired(), Length(max=1000)], description=_("One a line, in any script.")
    )
    path = StringField(_("Where it lies"), description=_("From the country down: Cambodia / Svay Rieng / Kampong Rou."))
    precision = SelectField(
        _("How exactly"), choices=words.plain_choices("exact", "commune", "district", "province", "country", "unknown"),
        default="unknown",
    )  # fmt: skip

    def values(self) -> dict[str, Any]:
        return {**super().values(), "names": _lines(self.names.data)}

    @classmethod
    def data_of(cls, row: Any) -> dict[str, Any]:
        return {**super().data_of(row), "names": "\n".join(row.names)}


def _lines(text: str | None) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))


class ThemeForm(PartForm):
    ENUMS = {"scheme": s.ThemeScheme}  # noqa: RUF012
    scheme = SelectField(_("Named by"), choices=words.choices(s.ThemeScheme))
    code = StringField(
        _("Code"),
        [Length(max=700)],
        description=_("Begin to write its number or its words, such as 16.2 for an SDG target, and choose it."),
    )
    label = StringField(_("In words"), [Length(max=200)], description=_("Left empty, the list's own words."))
    primary = BooleanField(
        _("This is the main theme"),
        description=_("Best a CRC cluster: the purpose code that donors ask for follows from it."),
    )

    def prepare(self, partnership: Partnership) -> None:
        """A partnership without a CRC cluster is offered one first."""
        has_cluster = any(theme.scheme is s.ThemeScheme.CRC_CLUSTER for theme in partnership.themes)
        untouched = not (self.is_submitted() or self.code.data or self.label.data)
        if untouched and not has_cluster:
            self.scheme.data = s.ThemeScheme.CRC_CLUSTER.value

    def values(self) -> dict[str, Any]:
        """What was chosen from the list says also which list it is."""
        found = super().values()
        known = find_by_code(found["code"])
        if known is not None and (found["scheme"] is s.ThemeScheme.OWN or found["code"] == offered(known)):
            found["scheme"], found["code"] = known.scheme, known.code
        return found


class ActivityForm(PartForm):
    DATES = ("start", "end")
    ENUMS = {"kind": s.ActivityKind}  # noqa: RUF012
    kind = SelectField(_("Kind"), choices=words.choices(s.ActivityKind))
    title = StringField(_("What was done"), [DataRequired(), Length(max=300)])
    description = TextAreaField(_("In a few sentences"), [Length(max=4000)])
    start = RememberedDateField(_("When, or from"))
    end = RememberedDateField(_("Until"))
    place = StringField(_("Where"))
    mode = SelectField(
        _("How"), choices=words.plain_choices("unknown", "in_person", "online", "hybrid"), default="unknown"
    )
    organisation_ids = ChecklistField(_("Who took part"), coerce=int, description=_("None chosen: not known."))
    outputs = TextAreaField(_("What it left behind"), [Length(max=4000)], description=_("One thing a line."))

    def prepare(self, partnership: Partnership) -> None:
        self.organisation_ids.choices = [(p.organisation_id, p.organisation.name) for p in partnership.parties]

    def values(self) -> dict[str, Any]:
        found = super().values()
        counts: dict[str, dict[str, int | None]] = {
            age: {sex: found.pop(f"{age}_{sex}") for sex in SEXES} for age in AGES
        }
        return {**found, "counts": counts, "outputs": _lines(self.outputs.data)}

    @classmethod
    def data_of(cls, row: Any) -> dict[str, Any]:
        counts = {f"{age}_{sex}": row.counts.get(age, {}).get(sex) for age in AGES for sex in SEXES}
        return {**super().data_of(row), **counts, "outputs": "\n".join(row.outputs)}


for _age in AGES:
    for _sex in SEXES:
        setattr(ActivityForm, f"{_age}_{_sex}", IntegerField("", [Optional(), NumberRange(0, LARGEST_COUNT)]))


class OutcomeForm(PartForm):
    statement = TextAreaField(_("Who does what differently now"), [DataRequired(), Length(max=4000)])
    actor = StringField(_("Who changed"), [Length(max=200)])
    change = SelectField(
        _("What changed"),
        choices=words.plain_choices("relationship", "behaviour", "action", "activity", "policy", "practice"),
    )
    significance = TextAreaField(_("Why it matters"), [Length(max=4000)])
    contribution = TextAreaField(_("What the partnership contributed"), [Length(max=4000)])
    intended = SelectField(_("Was it meant to happen?"), choices=YES_NO, default="")
    direction = SelectField(_("Direction"), choices=words.plain_choices("positive", "negative", "mixed"))

    def values(self) -> dict[str, Any]:
        return {**super().values(), "intended": _yes_no(self.intended.data)}

    @classmethod
    def data_of(cls, row: Any) -> dict[str, Any]:
        return {**super().data_of(row), "intended": _said(row.intended)}


class ContextForm(PartForm):
    DATES = ("since",)
    organisation_id = SelectField(_("Whose work"), coerce=int)
    text = TextAreaField(
        _("Earlier work"),
        [DataRequired(), Length(max=4000)],
        description=_("What one party did by itself. It is shown apart and never counted."),
    )
    since = RememberedDateField(_("Since"))
    source = StringField(_("Source"), [Length(max=500)])

    def prepare(self, partnership: Partnership) -> None:
        self._parties = {party.organisation_id: party.organisation for party in partnership.parties}
        self.organisation_id.choices = [(ident, row.name) for ident, row in self._parties.items()]

    def values(self) -> dict[str, Any]:
        found = super().values()
        return {**found, "organisation": self._parties.get(found.pop("organisation_id"))}


class EvidenceForm(PartForm):
    DATES = ("dated",)
    ENUMS = {"visibility": s.Visibility, "nature": s.EvidenceNature}  # noqa: RUF012
    kind = SelectField(_("Given as"), choices=words.plain_choices("url", "quote", "file", "published_source"))
    nature = SelectField(_("What it is"), choices=words.choices(s.EvidenceNature), default="other")
    title = StringField(_("Title"), [Length(max=300)])
    url = StringField(_("Address on the web"), [Length(max=1000)])
    quote = TextAreaField(_("Quote"), [Length(max=4000)])
    file = FileField(_("File"), description=_("A PDF, PNG or JPEG of at most 10 MB."))
    about = SelectField(_("What it shows"), default="")
    dated = RememberedDateField(_("Its date"))
    given_by = StringField(_("Given by"), [Length(max=200)])
    independent = BooleanField(_("Its author belongs to none of the parties and not to the secretariat"))
    shows_children = BooleanField(_("Children can be seen or recognised in it"))
    consent_ok = SelectField(_("Did those who are seen in it agree?"), choices=YES_NO, default="")
    visibility = SelectField(_("Who may see it"), choices=words.choices(s.Visibility))

    def prepare(self, partnership: Partnership) -> None:
        self.about.choices = [
            (NOT_KNOWN, _("the partnership as a whole")),
            *((f"activity_id:{row.id}", row.title) for row in partnership.activities),
            *((f"outcome_id:{row.id}", row.statement[:80]) for row in partnership.outcomes),
        ]

    def values(self) -> dict[str, Any]:
        found = super().values()
        file = found.pop("file")
        if file and file.filename:
            found["file_id"] = attach(file.filename, file.read())
        about, _colon, ident = found.pop("about").partition(":")
        found.update(activity_id=None, outcome_id=None)
        if about:
            found[about] = int(ident)
        found["consent_ok"] = _yes_no(self.consent_ok.data)
        return found

    @classmethod
    def data_of(cls, row: Any) -> dict[str, Any]:
        about = next((f"{n}:{getattr(row, n)}" for n in ("activity_id", "outcome_id") if getattr(row, n)), "")
        more = {"about": about, "consent_ok": _said(row.consent_ok), "file": None}
        return {**super().data_of(row), **more}


class StageForm(PartForm):
    stated_on = DateField(_("As of"), [DataRequired()], default=date.today)
    exchanges_information = SelectField(words.QUESTIONS["exchanges_information"], choices=YES_NO, default="")
    alters_activities = SelectField(words.QUESTIONS["alters_activities"], choices=YES_NO, default="")
    shares_resources = SelectField(words.QUESTIONS["shares_resources"], choices=YES_NO, default="")
    enhances_capacity = SelectField(words.QUESTIONS["enhances_capacity"], choices=YES_NO, default="")
    stated_by = StringField(_("Who says so"), [DataRequired(), Length(max=200)])

    def values(self) -> dict[str, Any]:
        return {**super().values(), **{name: _yes_no(self[name].data) for name in words.QUESTIONS}}

    @classmethod
    def data_of(cls, row: Any) -> dict[str, Any]:
        return {**super().data_of(row), **{name: _said(getattr(row, name)) for name in words.QUESTIONS}}


class FormalityForm(PartForm):
    DATES = ("since", "until")
    ENUMS = {"kind": s.FormalityKind}  # noqa: RUF012
    kind = SelectField(_("What is in writing"), choices=words.choices(s.FormalityKind), default="email")
    since = RememberedDateField(_("Since"))
    until = RememberedDateField(_("Until"))
    note = StringField(_("Remark"), [Length(max=500)])


class ResourceForm(PartForm):
    DATES = ("given",)
    ENUMS = {"kind": s.ResourceKind}  # noqa: RUF012
    kind = SelectField(_("What kind"), choices=words.choices(s.ResourceKind))
    what = StringField(_("What was shared"), [DataRequired(), Length(max=300)])
    organisation_id = SelectField(_("Given by"), default="")
    amount = DecimalField(
        _("Amount"),
        [Optional(), NumberRange(0, LARGEST_AMOUNT)],
        places=2,
        description=_("Leave it empty when it is not known. 0 means: nothing."),
    )
    currency = StringField(_("Currency"), [Length(max=3)], description=_("Three letters, such as USD or PHP."))
    given = RememberedDateField(_("When"))

    def prepare(self, partnership: Partnership) -> None:
        self.organisation_id.choices = [
            (NOT_KNOWN, _("not known")),
            *((str(party.organisation_id), party.organisation.name) for party in partnership.parties),
        ]

    def values(self) -> dict[str, Any]:
        found = super().values()
        return {**found, "organisation_id": int(found["organisation_id"]) if found["organisation_id"] else None}

    @classmethod
    def data_of(cls, row: Any) -> dict[str, Any]:
        return {**super().data_of(row), "organisation_id": str(row.organisation_id or "")}


FORMS: dict[str, type[PartForm]] = {
    "party": PartyForm,
    "place": PlaceForm,
    "theme": ThemeForm,
    "activity": ActivityForm,
    "outcome": OutcomeForm,
    "context": ContextForm,
    "evidence": EvidenceForm,
    "stage": StageForm,
    "formality": FormalityForm,
    "resource": ResourceForm,
}
