"""What the participants of the demo's coming meetings offer, seek and work on. Invented."""

from eventhub.demo.editions import Edition
from eventhub.networking import offers, suggestions
from eventhub.networking.models import Contact, Side
from eventhub.networking.queries import is_listed
from eventhub.registration import service as registrations

MOST = 24  # of each meeting; the others have not said anything yet
# what they offer, seek and work on, in their own words; codes of the CRC clusters for the three; their level
SAID = (
    ("We wrote an alternative report with nine youth groups.", "How to keep a youth council alive after its first year.", ("1",), ("4",), ("3", "4"), "commune"),
    ("Ten years of youth councils in river communes.", "Somebody who has written an alternative report.", ("4",), ("1",), ("4",), "commune"),
    ("A hotline in four languages, and how we pay for it.", "Training on safe interviews with children.", ("5",), ("9",), ("5",), "national"),
    ("Training on safe interviews, two days, free.", "Data on heat in schools.", ("9",), ("8",), ("5", "9"), "regional"),
    ("Data on heat in 240 schools, open to all.", "Partners for a regional report on climate.", ("8",), ("3",), ("8", "7"), "province"),
    ("", "", (), ("6",), ("6",), "national"),
    ("Foster families: what we learned in twelve years.", "", ("6",), ("5",), ("6",), "district"),
    ("Reading a state budget with children.", "A hotline that others can join.", ("1",), ("5",), ("1",), "national"),
)  # fmt: skip
EXACTLY = (
    ("general_comment", "12"),
    ("sdg", "16.2"),
    ("crc_article", "31"),
    ("general_comment", "26"),
    ("upr", "rights-of-the-child"),
)
CONTACTS = (Contact.EVERYBODY, Contact.CONFIRMED, Contact.NOBODY)


def fill(editions: list[Edition]) -> None:
    """Some of each meeting's confirmed adults say what they offer and seek; one in eight does not want to be listed."""
    for edition in editions:
        adults = [row for row in edition.confirmed if not row.is_child and is_listed(row.person)]
        for n, registration in enumerate(adults[:MOST]):
            has, wants, gives, seeks, works, level = SAID[n % len(SAID)]
            sides = ((Side.OFFERS, gives), (Side.SEEKS, seeks), (Side.WORKS_ON, works))
            codes = [(side, "crc_cluster", code) for side, many in sides for code in many]
            codes.append((Side.WORKS_ON, *EXACTLY[n % len(EXACTLY)]))
            codes += [(Side.LEVEL, "", level), (Side.LANGUAGE, "", "en")]
            if registration.country:
                codes.append((Side.COUNTRY, "", registration.country))
            entry = offers.Entry(
                offers=has,
                seeks=wants,
                codes=codes,
                contact=CONTACTS[n % len(CONTACTS)],
                listed=n % 8 != 5,
                may_be_asked=n % 6 != 4,
            )
            offers.save(registration, entry, by=registrations.participant(registration))
        suggestions.suggest(edition.meeting.id)
