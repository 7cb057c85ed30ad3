"""The forms behind a follow-up's link: a few questions for each introduction, a line each."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from eventhub.pages import PageForm
from eventhub.partnerships import states as s
from eventhub.partnerships import words
from eventhub.partnerships.answers import Said

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
_YES = {"yes": True, "no": False}


class YesNoField(RadioField):
    """Yes, no, or not answered."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, choices=YES_NO, validate_choice=False, default="", **options)

    @property
    def answer(self) -> bool | None:
        return _YES.get(str(self.data or ""))


class SubjectForm(PageForm):
    """What is asked about one introduction or partnership."""

    in_contact = YesNoField(_("Have you been in contact since?"))
    met_again = YesNoField(_("Have you met again?"))
    together = YesNoField(_("Are you doing something together?"))
    kind = SelectField(
        _("What kind"), choices=[("", _("Choose")), *words.choices(s.ActivityKind)], validate_choice=False, default=""
    )
    title = StringField(_("What, in a few words"), [Length(max=300)])
    start = StringField(_("When"), [Length(max=40)], description=_("As well as you remember: 2019-07, 2019-Q3, 2020."))
    place = StringField(_("Where"), [Length(max=300)])
    words = TextAreaField(_("In your own words"), [Length(max=2000)])

    class Meta:
        csrf = False  # the page's own form has it

    def said(self) -> Said:
        kinds = {kind.value: kind for kind in s.ActivityKind}
        return Said(
            in_contact=self.in_contact.answer,
            met_again=self.met_again.answer,
            together=self.together.answer,
            kind=kinds.get(self.kind.data or ""),
            title=self.title.data or "",
            start=self.start.data or "",
            place=self.place.data or "",
            words=self.words.data or "",
        )

    def fill(self, said: Said) -> None:
        """Show what is stored."""
        for name in ("in_contact", "met_again", "together"):
            self[name].data = {True: "yes", False: "no", None: ""}[getattr(said, name)]
        self.kind.data = said.kind.value if said.kind else ""
        for name in ("title", "start", "place", "words"):
            self[name].data = getattr(said, name)


class CommitmentAnswerForm(PageForm):
    """How one commitment of the participant's delegation stands."""

    state = RadioField(
        _("How does it stand?"),
        choices=[
            ("kept", _("Kept")),
            ("partly", _("In part")),
            ("not_kept", _("Not kept")),
            ("open", _("Still going on")),
        ],
        validate_choice=False,
        default="",
    )
    words = TextAreaField(_("In your own words"), [Length(max=2000)])
    evidence_url = StringField(
        _("Where it can be seen"), [Length(max=500)], description=_("An address, if there is one.")
    )

    class Meta:
        csrf = False  # the page's own form has it

    def told(self) -> s.CommitmentState | None:
        known = {state.value: state for state in s.CommitmentState if state is not s.CommitmentState.WITHDRAWN}
        return known.get(self.state.data or "")


class PersonFollowUpForm(PageForm):
    """The whole page; ``seen`` is the version of the answers that it showed."""

    seen = HiddenField()
    words = TextAreaField(_("Anything else you want to tell us"), [Length(max=4000)])

    @property
    def seen_version(self) -> int:
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


class SuccessorForm(PageForm):
    name = StringField(_("Your successor's name"), [Length(max=200)])
    email = StringField(_("Their e-mail address"), [Length(max=254)])


class AddressForm(PageForm):
    email = StringField(_("Address"), [Length(max=254)])
