"""Which organisation staff mean by what they typed."""

import re

from flask_babel import lazy_gettext as _

from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory.models import Organisation
from eventhub.errors import InvalidError


def pick_organisation(text: str, field: str) -> Organisation | None:
    """The organisation by any of its names or by "#12"; None for nothing typed. Raises InvalidError for ``field``."""
    text = text.strip()
    if not text:
        return None
    number = re.search(r"#([0-9]{1,9})$", text)
    if number:
        row = db.session.get(Organisation, int(number[1]))
        found = [directory.canonical(row)] if row is not None else []
    else:
        found = directory.match_organisations(text) or list(directory.search_organisations(text, 1).items)
    if len(found) == 1:
        return found[0]
    if not found:
        raise InvalidError(
            _(
                "No organisation is found as “%(text)s”. Look at the spelling, or add it to the directory first.",
                text=text[:60],
            ),
            field=field,
        )
    choices = "; ".join(f"{organisation.name} #{organisation.id}" for organisation in found[:5])
    raise InvalidError(
        _("Several organisations fit. Write one of them with its number: %(choices)s", choices=choices), field=field
    )
