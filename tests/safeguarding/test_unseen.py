"""Whoever may not see children finds no trace of one: not on any page that they may open, not in any file or answer."""

import io
import zipfile

import pypdfium2
import pytest
from flask import url_for

from eventhub.accounts import guard
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.networking.models import Introduction, IntroductionSource
from eventhub.safeguarding import service as safeguarding
from eventhub.security import PERMISSIONS, Role
from tests.factories.checkin import a_checkpoint, a_running_meeting
from tests.factories.programme import a_session
from tests.factories.registration import a_child, a_registration, letters_follow
from tests.house.test_routes import argument

BLIND = [role for role in Role if "safeguarding.see_children" not in PERMISSIONS[role]]
CALLED, GUARDIAN, ADDRESS, SEALED = "Qwxzkhild", "Qwxzguard", "qwxzfamily@guard.example", "qwxzsealed"


def a_meeting_with_a_child():
    """The child is confirmed, has a badge and letters, speaks, met somebody, and something of it is sealed."""
    meeting = a_running_meeting(admits_children=True, programme_public=True, open_registration=True)
    adult = a_registration(meeting)
    child = a_child(meeting, complete=True, adult=adult, called=CALLED, guardian_name=GUARDIAN, guardian_email=ADDRESS)
    letters_follow()
    a_checkpoint(meeting)
    a_session(meeting, speakers=[(child.person, "speaker")])
    safeguarding.seal(person=child.person, meeting=meeting, kind="diet", text=SEALED, by=SYSTEM)
    a, b = sorted((adult.person_id, child.person_id))
    db.session.add(Introduction(meeting_id=meeting.id, a_id=a, b_id=b, source=IntroductionSource.STAFF))
    db.session.commit()
    return meeting, child


def addresses(app, meeting, child):
    """Every address that can be opened; where it names a record, the child's own ids and the first of its kind."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" not in rule.methods or guard.is_open(rule.endpoint):
                continue
            values = {name: argument(converter) for name, converter in rule._converters.items()}
            if "slug" in values:
                values["slug"] = meeting.slug
            numbers = [name for name, value in values.items() if value == 999_999]
            for ident in {child.id, child.person_id, 1} if numbers else {0}:
                yield url_for(rule.endpoint, **{**values, **dict.fromkeys(numbers, ident)})


def text_of(answer):
    """Everything that an answer says, also inside a workbook, an archive or a PDF."""
    body = answer.data
    if body[:2] == b"PK":
        packed = zipfile.ZipFile(io.BytesIO(body))
        return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    if body[:4] == b"%PDF":
        return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(body))
    return body.decode("utf-8", "replace")


@pytest.mark.once
def test_no_page_file_or_answer_names_a_child_to_who_may_not_see_children(app, sign_in, client):
    meeting, child = a_meeting_with_a_child()
    blind = [sign_in(role, meeting, email="blind@staff.example") for role in BLIND][-1]  # all their roles in one
    seeing = sign_in(Role.ADMINISTRATOR, meeting)
    assert CALLED in text_of(seeing.get(f"/staff/m/{meeting.slug}/children/"))
    opened, told = 0, []
    for address in addresses(app, meeting, child):
        for browser in (blind,) if address.startswith(("/staff", "/api")) else (blind, client):
            answer = browser.get(address)
            opened += answer.status_code == 200
            said = text_of(answer)
            told += [(address, trace) for trace in (CALLED, GUARDIAN, ADDRESS, SEALED) if trace in said]
    assert told == []
    assert opened > 60
