"""A catalogue has all that people who do not work here meet (a draft: nearly all), and no translation of it loses a
value."""

import ast

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from eventhub import paths
from eventhub.frontend import participants
from eventhub.safeguarding import texts
from eventhub.translated import DRAFTS, LANGUAGES

pytestmark = pytest.mark.once


def test_the_lists_of_what_counts_name_what_there_is():
    for name, staff in participants.MODULES.items():
        parts = ast.parse((participants.ROOT / name).read_text()).body
        assert staff - set().union(*(participants.names_of(part) for part in parts)) == set(), name
    assert {
        str(p.relative_to(paths.TEMPLATES)) for p in paths.TEMPLATES.rglob("*.html")
    } >= participants.STAFF_TEMPLATES


def test_what_people_meet_is_found_and_what_the_staff_sees_is_not():
    found = {text for message in participants.catalog() for text in participants.texts_of(message)}
    assert {
        "Send my registration",  # a page
        "Your full name, as you write it",  # a form
        "The deadline for this answer is over, so it can no longer be changed here. "
        "Write to the organisers: they can give you more time.",  # a rule that says no
        "There is nothing at this address. It may have been removed, or the address was copied only in part.",
        "You get this letter because of this meeting. Answer it to reach its secretariat.",  # a letter
        "Your browser's session ended while this form was open. Go back, reload the page, and send it "
        "again: your browser keeps what you typed when you use its back button.",
        "No network",  # a volunteer's phone
    } <= found
    assert found.isdisjoint(
        {"Seats for", "This is the last administrator of all meetings. Make somebody else administrator first."}
    )
    assert found.isdisjoint(text.english for text in texts.REVIEWED)


DRAFTS_MAY_LACK = 0.05  # of the texts: what is new stays English there until somebody who writes the language comes by


def test_a_catalogue_is_whole_and_keeps_every_value():
    needed = participants.catalog()
    for path in sorted(paths.TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")):
        language = path.parts[-3]
        with path.open("rb") as file:
            given = read_po(file)
        assert language in LANGUAGES
        faults = participants.faults(given, needed)
        lacking = [fault for fault in faults if fault.startswith("not translated")]
        assert [fault for fault in faults if fault not in lacking] == [], language
        assert len(lacking) <= (DRAFTS_MAY_LACK * len(needed) if language in DRAFTS else 0), lacking
        agreed = [text.english for text in texts.REVIEWED if (said := given.get(text.english)) and said.string]
        # consents are said in a language all together or not at all, and in no language that nobody has checked
        assert len(agreed) in ((0,) if language in DRAFTS else (0, len(texts.REVIEWED))), language


def test_what_is_wrong_with_a_catalogue_is_told():
    needed, given = Catalog(), Catalog(locale="ur", fuzzy=False)
    needed.add("Hello")
    needed.add(("%(num)s person", "%(num)s people"))
    given.add(("%(num)s person", "%(num)s people"), ("ایک شخص", "%(num)s افراد"))
    given.add("Wait %(n)s seconds", "%(m)s سیکنڈ انتظار کریں")
    given.add("Press <b>here</b>", "یہاں دبائیں")
    given.add("Half", "50 %")
    given.add("{n} of {all}", "{all} میں سے {n}")
    given.add("<b>%(n)s</b> %%", "%% <b>%(n)s</b>")
    assert [fault.split(":")[0] for fault in participants.faults(given, needed)] == [
        "not translated",
        "ایک شخص",
        "%(m)s سیکنڈ انتظار کریں",
        "یہاں دبائیں",
        "50 %",
    ]
    given.add("Hello", "آداب", flags=["fuzzy"])
    given.fuzzy = True
    assert participants.faults(given, needed)[:2] == [
        "the head of the file is marked as fuzzy, so nothing of it is used",
        "not translated: Hello",
    ]
