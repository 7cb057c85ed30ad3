"""What every page shares: the base form, cleaning of what people type, numbers in addresses, lists cut into
pages, the short-lived cache of public pages."""

import gzip
import re
import time
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from threading import Lock
from typing import Any, TypeVar

from babel.support import Translations
from flask import Response, current_app, request, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, get_translations
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_sqlalchemy.pagination import Pagination
from flask_wtf import FlaskForm
from flask_wtf.csrf import _FlaskFormCSRF
from werkzeug.routing import IntegerConverter
from wtforms import DateTimeField, Field, IntegerField, StringField, TextAreaField
from wtforms.csrf import core as wtforms_csrf
from wtforms.fields.choices import SelectChoice
from wtforms.i18n import messages_path
from wtforms.utils import unset_value
from wtforms.validators import Length, NumberRange, ValidationError

from eventhub.errors import RuleError

F = TypeVar("F", bound=Callable[..., Any])

LARGEST_INT = 2**31 - 1
LONGEST_LINE = 300  # characters of a one-line field that sets no limit of its own
LONGEST_TEXT = 20_000
ROWS_ON_A_PAGE = 50
FIRST_YEAR, LAST_YEAR = 1900, 2199
TOO_LONG = _l("This is longer than %(max)d characters. Shorten it.")

# control characters and lone surrogates; direction marks and joiners (needed by scripts) stay
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# long runs of neither letters nor spaces, such as marks piled upon one letter: putting them in order takes time that
# grows with the square of their number, so that one form could hold the server up for an hour
_PILE = re.compile(r"[^\w\s\x00-\x7f]{31,}")
MOST_MARKS = 30  # upon one letter: Unicode's own limit for text that can be handled (UAX #15, 13)
_BREAKS = re.compile(r"[\r\n\t\u2028\u2029]+")


def clean_text(text: Any) -> Any:
    """Text as we store it: NFC, no control characters, no spaces around; line breaks stay as ``\\n``."""
    if not isinstance(text, str):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _PILE.sub(_lower_pile, _CONTROL.sub("", text))).strip()


def _lower_pile(found: re.Match[str]) -> str:
    """A run without the marks beyond MOST_MARKS in a row."""
    kept, marks = [], 0
    for char in found[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def clean_line(text: Any) -> Any:
    """Like clean_text, on one line: a line break becomes a space, so that no header can be injected."""
    if not isinstance(text, str):
        return text
    return clean_text(_BREAKS.sub(" ", text))


def query_text(name: str, longest: int = 100) -> str:
    """A cleaned parameter of the page's address, such as a search."""
    return str(clean_line(request.args.get(name, "")))[:longest]


def query_number(name: str, default: int) -> int:
    """A whole number from the page's address, at least 1; anything else is the default."""
    text = request.args.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) and int(text) > 0 else default


class Cut(Pagination):
    """A page of a list that is in memory."""

    def _query_items(self) -> list[Any]:
        start = self._query_offset
        return list(self._query_args["rows"][start : start + self.per_page])

    def _query_count(self) -> int:
        return len(self._query_args["rows"])


def cut(rows: list[Any]) -> Cut:
    """The page of the list that the address names (``?page=``), with 50 rows."""
    return Cut(page=query_number("page", 1), per_page=ROWS_ON_A_PAGE, error_out=False, rows=rows)


class CSRFTokenField(wtforms_csrf.CSRFTokenField):
    """The token that the next showing of the form needs: signed when it is shown, as most forms that are sent never are
    shown again."""

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        Field.process(self, formdata, data, extra_filters)

    @property
    def current_token(self) -> str:
        return str(self.csrf_impl.generate_csrf_token(self))

    @current_token.setter
    def current_token(self, _value: None) -> None:  # the library's field begins with none
        pass


class _Tokens(_FlaskFormCSRF):
    field_class = CSRFTokenField


class PageForm(FlaskForm):
    """The base of every form: what people type is cleaned, and no field is without a limit."""

    form_errors: list[str]

    def refuse(self, error: RuleError) -> None:
        """Show a rule's sentence beside the field it concerns, else on top of the form."""
        field = self._fields.get(error.field or "")
        if field is not None:
            field.errors = [*field.errors, str(error)]
        else:
            self.form_errors = [*self.form_errors, str(error)]

    class Meta:
        csrf_class = _Tokens

        def get_translations(self, _form: Any) -> Any:
            return _wtforms_words(str(get_locale() or "en"))

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            is_first = not hasattr(unbound_field, "limited")
            if is_first:
                _prepare(unbound_field)
            field: Field = unbound_field.bind(form=form, **options)
            if is_first:
                unbound_field.limited = _limited(field)
            field.validators = unbound_field.limited
            return field


# What WTForms says by itself. Its makers do not speak every language: then these are in our catalogue, with all else.
_OF_WTFORMS = (
    _l("This field is required."),
    _l("Not a valid choice."),
    _l("Not a valid date value."),
    _l("Not a valid datetime value."),
    _l("Not a valid time value."),
    _l("Not a valid integer value."),
    _l("Not a valid decimal value."),
    _l("Number must be at least %(min)s."),
    _l("Number must be at most %(max)s."),
    _l("Number must be between %(min)s and %(max)s."),
    _l("Invalid input."),
)


class _OurWords:
    """As WTForms asks: it fills in the values itself."""

    @staticmethod
    def gettext(words: str) -> str:
        return str(get_translations().ugettext(words))

    @staticmethod
    def ngettext(one: str, many: str, number: int) -> str:
        return str(get_translations().ungettext(one, many, number))


@lru_cache(32)
def _wtforms_words(language: str) -> Translations | type[_OurWords]:
    """WTForms' own sentences in a language, read once and not for every form."""
    theirs = Translations.load(messages_path(), [language], domain="wtforms")
    return theirs if isinstance(theirs, Translations) else _OurWords


def _prepare(unbound: Any) -> None:
    """Once per field of a form class: its text is cleaned before all else, its choices are made into WTForms' own (it
    would make each of a list of pairs anew for every form, and complain)."""
    kind, filters, choices = unbound.field_class, unbound.kwargs.get("filters", ()), unbound.kwargs.get("choices")
    if issubclass(kind, StringField):
        cleaned = clean_text if issubclass(kind, TextAreaField) else clean_line
        unbound.kwargs["filters"] = (cleaned, *filters)
    if isinstance(choices, list | tuple):
        unbound.kwargs["choices"] = [SelectChoice(*c) if isinstance(c, tuple) else c for c in choices]


def _limited(field: Field) -> list[Any]:
    """A field's validators, and a limit where it has none: the same for every form of its class."""
    validators, has = list(field.validators), {type(validator) for validator in field.validators}
    if isinstance(field, StringField) and Length not in has:
        validators.append(Length(max=LONGEST_TEXT if isinstance(field, TextAreaField) else LONGEST_LINE))
    if isinstance(field, IntegerField) and NumberRange not in has:
        validators.append(NumberRange(-LARGEST_INT, LARGEST_INT))
    if isinstance(field, DateTimeField):  # so are fields of days; of a time by itself there is no year
        validators.append(_in_our_time)
    for validator in validators:
        if isinstance(validator, Length) and validator.message is None:
            validator.message = TOO_LONG
    return validators


def _in_our_time(_form: Any, field: Field) -> None:
    """A year typed as "26" is sent as 0026, and a day's end in 9999 is a day that no calendar has."""
    year = getattr(field.data, "year", None)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError(
            _("Write the whole year, between %(first)d and %(last)d.", first=FIRST_YEAR, last=LAST_YEAR)
        )


class BoundedInteger(IntegerConverter):
    """``<int:…>`` in addresses: a number that no column can hold is no address of ours."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max", LARGEST_INT)
        super().__init__(*args, **options)


_cache: dict[tuple[str, ...], tuple[float, str, bytes]] = {}
_cache_lock = Lock()


def cached_page(view: F) -> F:
    """Keep the rendered page of an anonymous reader for PAGE_CACHE_SECONDS, per address and language, also as gzip.

    A page with a flash or a signed-in reader is never kept. A public page may thus be that many seconds old. Only
    these pages are compressed: they hold no form and so no token that compression could give away (BREACH).
    """

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        seconds = current_app.config["EVENTHUB"].page_cache_seconds
        if request.method != "GET" or session:
            return current_app.ensure_sync(view)(*args, **kwargs)
        name = (current_app.config["EVENTHUB"].database_url, request.full_path, str(get_locale()))
        kept = _cache.get(name)
        if kept is None or kept[0] <= time.monotonic():
            body = current_app.ensure_sync(view)(*args, **kwargs)
            if not isinstance(body, str):
                return body
            kept = (time.monotonic() + seconds, body, gzip.compress(body.encode(), 6))
            with _cache_lock:
                if len(_cache) > 500:  # many addresses: forget all rather than grow
                    _cache.clear()
                _cache[name] = kept
        return _answer(kept[1], kept[2])

    wrapper.loads_meeting = False  # type: ignore[attr-defined]  # the page loads its meeting when it is not kept
    return wrapper  # type: ignore[return-value]  # wraps() keeps the view's signature


def _answer(body: str, compressed: bytes) -> Response:
    if request.accept_encodings["gzip"] > 0:
        response = Response(compressed, mimetype="text/html")
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(body, mimetype="text/html")
    response.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
    return response
