"""The demo's network: sectors, about sixty invented organisations, about two hundred and fifty people."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from eventhub.audit import SYSTEM
from eventhub.demo.names import NAMINGS, ORGANISATIONS, SECTORS
from eventhub.directory import service as directory
from eventhub.directory.models import Organisation, Person, Precision
from eventhub.meetings import service as meetings
from eventhub.meetings.models import Sector

POSTS = ("Executive Director", "Programme Manager", "Advocacy Officer", "Youth Coordinator", "Researcher")


@dataclass
class Network:
    """What the later chapters of the demo draw on."""

    sectors: dict[str, Sector] = field(default_factory=dict)
    organisations: list[Organisation] = field(default_factory=list)
    people: dict[int, list[Person]] = field(default_factory=lambda: defaultdict(list))  # by organisation's id


def fill() -> Network:
    """Make them, through the directory's own rules."""
    network = Network()
    for position, (code, name) in enumerate(SECTORS):
        network.sectors[code] = meetings.add_sector(code=code, name=name, position=position)
    used: dict[str, int] = defaultdict(int)
    for number, (name, country, sector, other, language) in enumerate(ORGANISATIONS):
        organisation = directory.create_organisation(
            name=name,
            country=country,
            sector=network.sectors[sector],
            email=f"office@{_domain(name)}",
            names=[(other, language, "official")] if other else [],
            by=SYSTEM,
        )
        network.organisations.append(organisation)
        for place in range(_share(country)):
            person = _person(country, used, number, place)
            directory.affiliate(
                person,
                organisation,
                post=POSTS[place],
                start=date(2013 + (number + place) % 9, 1, 1),
                start_precision=Precision.YEAR,
                by=SYSTEM,
            )
            network.people[organisation.id].append(person)
    return network


def _share(country: str) -> int:
    """How many people each organisation of a country has: at most five, and no name twice."""
    organisations = sum(1 for row in ORGANISATIONS if row[1] == country)
    return min(5, NAMINGS[country].many // organisations)


def _person(country: str, used: dict[str, int], number: int, place: int) -> Person:
    naming_key = "LK-ta" if country == "LK" and place % 2 and used["LK-ta"] < NAMINGS["LK-ta"].many else country
    naming, n = NAMINGS[naming_key], used[naming_key]
    used[naming_key] += 1
    full_name, latin_name, called = naming.person(n)
    return directory.create_person(
        full_name=full_name,
        latin_name="" if latin_name == full_name else latin_name,
        called=called,
        email=f"{_letters(latin_name)}@{_domain(ORGANISATIONS[number][0])}",
        language="en" if place % 2 else _language(naming.language),
        country=country,
        by=SYSTEM,
    )


def _language(tag: str) -> str:
    """The language of somebody's letters: theirs where the interface speaks it."""
    return tag if tag in ("km", "ur") else "en"


def _domain(name: str) -> str:
    words = [_letters(word) for word in name.split("(")[0].split()]
    return "-".join(word for word in words if word)[:40].strip("-") + ".example"


def _letters(text: str) -> str:
    plain = meetings.slugify(text).replace("-", ".")
    return plain or "person"
