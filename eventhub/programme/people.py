"""Decides whom a written line means: somebody of the list, the one person of that name, or a new person.

A list's entry ends with a number (``Sok Chanthy · Lotus Network [12]``), because two people may share a name.
"""

import re
from collections.abc import Sequence

from flask_babel import gettext as _

from eventhub.audit import Actor
from eventhub.directory import service as directory
from eventhub.directory.models import Person
from eventhub.errors import InvalidError
from eventhub.programme import queries

_NUMBERED = re.compile(r"\[([0-9]{1,9})\]\s*\Z")


def written(person: Person, organisation: str = "") -> str:
    """A person as the list of suggestions writes them."""
    names = [person.full_name]
    if person.latin_name and person.latin_name != person.full_name:
        names.append(person.latin_name)
    if organisation:
        names.append(organisation)
    return f"{' · '.join(names)} [{person.id}]"


def read(lines: Sequence[tuple[str, str]], *, by: Actor) -> tuple[list[tuple[Person, str]], list[Person]]:
    """(person, part) for each line, and those whom the directory did not know and who were added to it.

    Raises InvalidError when a name is shared by several people, or a number names nobody.
    """
    found: list[tuple[Person, str]] = []
    added: list[Person] = []
    for text, part in lines:
        person = _known(text)
        if person is None:
            person = directory.create_person(full_name=text, by=by)
            added.append(person)
        found.append((person, part))
    return found, added


def _known(text: str) -> Person | None:
    if numbered := _NUMBERED.search(text):
        person = queries.find_adult(int(numbered[1]))
        if person is None:
            raise InvalidError(
                _("Nobody in the list is “%(text)s”. Choose from the list again.", text=text), field="speakers"
            )
        return person
    same = queries.people_called(text)
    if len(same) > 1:
        sentence = _("Several people are called “%(text)s”. Choose the one you mean from the list.", text=text)
        raise InvalidError(sentence, field="speakers")
    return same[0] if same else None
