"""What a name, an address, a country may be. Each check gives back the text as it is stored, or raises InvalidError
with a sentence and the field that it concerns. The database cannot say these rules; imports need them before writing.
"""

from functools import lru_cache
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, ValidatedEmail, validate_email
from flask_babel import lazy_gettext as _

from eventhub.directory.names import fold, script_of
from eventhub.directory.places import CODES
from eventhub.errors import InvalidError
from eventhub.pages import clean_line

LONGEST_NAME = 300  # characters


def check_line(text: str, field: str) -> str:
    """One cleaned line; raises InvalidError for one that is too long."""
    cleaned = str(clean_line(text or ""))
    if len(cleaned) > LONGEST_NAME:
        raise InvalidError(_("This is longer than %(most)s characters. Shorten it.", most=LONGEST_NAME), field=field)
    return cleaned


def check_name(text: str, field: str) -> str:
    """A name with a letter in it, in any script; raises InvalidError."""
    cleaned = check_line(text, field)
    if not fold(cleaned):
        raise InvalidError(_("Give a name with at least one letter."), field=field)
    return cleaned


def check_latin(text: str) -> str:
    """A name in Latin letters, or nothing; raises InvalidError."""
    cleaned = check_line(text, "latin_name")
    if cleaned and script_of(cleaned) != "Latn":
        raise InvalidError(
            _("Write this name in Latin letters, as in a passport, or leave it empty."), field="latin_name"
        )
    return cleaned


def check_country(code: str) -> str:
    """A code of our list (ISO 3166-1 alpha-2) in capitals, or nothing; raises InvalidError."""
    code = (code or "").strip().upper()
    if code and code not in CODES:
        raise InvalidError(_("Choose a country or territory from the list."), field="country")
    return code


def check_email(text: str) -> str:
    """An address as it was typed; whether it exists is never asked, so that no rule depends on the network."""
    text = check_line(text, "email")
    if not text:
        return ""
    if read_email(text) is None:
        raise InvalidError(_("This is not an e-mail address. It should look like name@example.org."), field="email")
    return text


@lru_cache(1024)  # one registration asks four times about the same address
def read_email(text: str) -> ValidatedEmail | None:
    """The parts of an address, by its syntax alone (RFC 5322, 6531); None when it is not one."""
    try:
        return validate_email(text, check_deliverability=False, allow_smtputf8=True, test_environment=True)
    except EmailNotValidError:
        return None


def is_web_address(text: str) -> bool:
    """Whether a text is a whole address on the web, such as https://example.org/report."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # "http://[x": brackets promise an IPv6 address
        return False


def check_website(text: str) -> str:
    """An address by HTTP, with https:// put before it where it has none, or nothing; raises InvalidError."""
    text = check_line(text, "website")
    if text and "://" not in text:
        text = f"https://{text}"
    if text and not text.startswith(("https://", "http://")):
        raise InvalidError(_("Give the address of the website as https://…"), field="website")
    return text
