"""Decides what the page of all looks shows: every macro with long, short, right-to-left, Khmer and failing content.

All names and organisations are invented. Nothing here touches the database.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.form import Form
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

LONG = ("Her Excellency Dr. Maria Concepción Esperanza de los Ángeles Villanueva-Katipunan y Salonga-Macapagal " * 3)[
    :300
]
KHMER, URDU, HOSTILE = "សុភាព ច័ន្ទមុនី ស្ត្រី", "عائشہ صدیقی", '<script>alert("x")</script>'


class EmergencyForm(Form):
    name = StringField(_("Who should we call?"), [DataRequired(_("Write the name of one person."))])
    phone = StringField(_("Their number"))


class SampleForm(FlaskForm):
    """One field of each kind."""

    full_name = StringField(
        _("Your name, as you write it"),
        [DataRequired(_("Write your name.")), Length(max=200, message=_("Use at most 200 characters."))],
        description=_("In your own script. It will stand on your badge like this."),
    )
    email = EmailField(
        _("E-mail address"),
        [DataRequired(), Email(_("Write an address such as name@example.org."), check_deliverability=False)],
    )
    born = DateField(_("Date of arrival"), [InputRequired(_("Choose a day, such as 28 July 2025."))])
    seats = IntegerField(
        _("How many of you will come?"), [NumberRange(1, 3, _("Your organisation has 3 seats: write 1, 2 or 3."))]
    )
    language = SelectField(
        _("Language we should write in"),
        choices=[SelectChoice("en", "English"), SelectChoice("km", "ខ្មែរ"), SelectChoice("ur", "اردو")],
    )
    role = RadioField(
        _("You come as"),
        [InputRequired(_("Choose one."))],
        choices=[
            SelectChoice("delegate", _("Delegate")),
            SelectChoice("observer", _("Observer")),
            SelectChoice("speaker", _("Speaker")),
        ],
    )
    needs = SelectMultipleField(
        _("What do you need?"),
        choices=[
            SelectChoice("vegetarian", _("Vegetarian meals")),
            SelectChoice("halal", _("Halal meals")),
            SelectChoice("step_free", _("A room without steps")),
        ],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_("The kitchen sees counts, not names."),
    )
    note = TextAreaField(
        _("Anything else we should know?"), [Length(max=100, message=_("Use at most 100 characters."))]
    )
    letter = FileField(_("Letter of your organisation"), description=_("PDF or a photograph, at most 5 MB."))
    conduct = BooleanField(
        _("I have read the code of conduct and will keep to it"),
        [DataRequired(_("Please read it and agree, or write to us."))],
    )
    emergency = FormField(EmergencyForm, _("In an emergency"))


def failing_form() -> SampleForm:
    """The sample form as it comes back: every check failed, and what was typed is still there."""
    typed = [
        ("full_name", LONG), ("email", HOSTILE), ("born", "soon"), ("seats", "12"), ("language", "km"),
        ("needs", "halal"), ("note", (URDU + " ") * 12), ("emergency-name", ""), ("emergency-phone", "+855 12 000 000"),
    ]  # fmt: skip
    form = SampleForm(formdata=MultiDict(typed), meta={"csrf": False})
    form.validate()
    return form


def _pages(total: int, page: int, size: int = 50) -> SimpleNamespace:
    last = -(-total // size)

    def iter_pages(**_edges: int) -> Iterator[int | None]:
        before = 0
        for n in sorted({1, last, *range(max(1, page - 1), min(last, page + 1) + 1)}):
            if n > before + 1:
                yield None
            yield n
            before = n

    return SimpleNamespace(
        page=page, pages=last, total=total, first=(page - 1) * size + 1, last=min(total, page * size),
        has_prev=page > 1, has_next=page < last, prev_num=page - 1, next_num=page + 1, iter_pages=iter_pages,
    )  # fmt: skip


def _people() -> list[SimpleNamespace]:
    rows = [
        (KHMER, "Sopheap Chanmony", "Lotus Child Rights Network (Cambodia)", 2, "accepted"),
        (URDU, "Ayesha Siddiqui", "بچوں کا نگہبان", 1, "waiting"),
        ("အောင်ကျော်မိုး", "Aung Kyaw Moe", "ပန်းပွင့်အဖွဲ့", None, "sent"),
        ("श्रीमती लक्ष्मी गुरुङ", "Laxmi Gurung", "बाल अधिकार मञ्च", 0, "declined"),
        ("山田 花子", "Hanako Yamada", "子どもの声ネットワーク", 3, "expired"),
        ("Nguyễn Thị Hồng Nhung", "Nguyễn Thị Hồng Nhung", "Mạng lưới Hoa Sen", 1, "draft"),
        (LONG, "Maria Villanueva-Katipunan", LONG, 1248, "a_state_nobody_listed"),
        (HOSTILE, HOSTILE, HOSTILE, 1, "failed"),
        ("Suharto", "Suharto", "Jaringan Melati", 1, "confirmed"),
    ]
    return [
        SimpleNamespace(id=i, full_name=a, latin_name=b, organisation=c, seats=d, state=e)
        for i, (a, b, c, d, e) in enumerate(rows, 1)
    ]


def _events() -> list[dict[str, Any]]:
    activity, origin = _("Activity"), _("Origin")
    rows = [
        (date(2018, 7, 4), None, "year", origin, "They met in the margin of a meeting", "", "reported"),
        (None, None, "unknown", activity, "First letters", "Nobody remembers when.", ""),
        (date(2019, 4, 1), None, "quarter", activity, URDU, (URDU + " ") * 8, ""),
        (date(2019, 11, 1), None, "month", activity, "Exchange on two reports", "", "confirmed"),
        (date(2020, 2, 18), None, "day", activity, "Learning visit", KHMER, "confirmed"),
        (date(2021, 3, 1), date(2021, 3, 4), "day", activity, LONG, HOSTILE, "disputed"),
    ]
    keys = ("date", "end", "precision", "kind", "title", "text", "state")
    return [{**dict(zip(keys, row, strict=True)), "url": "#time" if row[2] == "day" else ""} for row in rows]


def samples() -> dict[str, Any]:
    """The context of staff/looks.html; needs a request."""
    moment = datetime(2025, 7, 28, 1, 30, tzinfo=UTC)
    return {
        "failing": failing_form(),
        "fresh": SampleForm(formdata=None, prefix="fresh-", meta={"csrf": False}),
        "people": _people(),
        "page": _pages(312, 3),
        "events": _events(),
        "jobs": [
            SimpleNamespace(state="working", done=118, total=500, message=None),
            SimpleNamespace(state="queued", done=0, total=None, message=None),
            SimpleNamespace(state="failed", done=12, total=500, message="Row 13 has no name. Nothing was changed."),
            SimpleNamespace(state="done", done=500, total=500, message=None),
        ],
        "history": [
            {"at": moment, "who": KHMER, "what": "Accepted for two people"},
            {"at": moment, "who": LONG, "what": HOSTILE},
            {"at": moment, "who": None, "what": "Sent"},
        ],
        "moment_at": moment,
        "bands": [f"meeting-{year}" for year in range(2015, 2027)],
        "long": LONG,
        "khmer": KHMER,
        "urdu": URDU,
        "hostile": HOSTILE,
        "visit": date(2020, 2, 18),
    }
