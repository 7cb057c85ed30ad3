"""Stories are made from records alone, each sentence with its source; nobody is named who has not agreed or is not
named by a cited source; a dispute or a withdrawal hides at once."""

import io
import re
from datetime import date

import pytest
from PIL import Image

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory.models import Precision
from eventhub.errors import InvalidError, StaleError
from eventhub.meetings.states import MeetingState
from eventhub.partnerships import claims, named, parts, queries_story, stories
from eventhub.partnerships import service as partnerships
from eventhub.partnerships.states import ActivityKind, Basis, StoryState, VerificationState, Visibility
from eventhub.safeguarding import service as safeguarding
from eventhub.safeguarding.models import ConsentBy, Purpose
from eventhub.security import Role
from tests.factories.basics import a_meeting
from tests.factories.directory import a_person
from tests.factories.partnerships import an_introduction, confirm, says


@pytest.fixture
def partnership(app):
    """From an introduction whose session and introducer nobody knows, with one activity and earlier work."""
    introduction = an_introduction(topic="")
    made = partnerships.create_from_introduction(introduction, by=SYSTEM)
    activity = parts.add(
        made, "activity", kind=ActivityKind.LEARNING_VISIT, title="A visit to the office", start=date(2020, 2, 18),
        start_precision=Precision.DAY, place="Phnom Penh", by=SYSTEM,
    )  # fmt: skip
    parts.add(
        made, "context", organisation=made.parties[0].organisation, text="a project that was there before.", by=SYSTEM
    )
    parts.add(
        made, "evidence", kind="published_source", title="A newsletter", url="https://news.example/1", by=SYSTEM,
        activity_id=activity.id,
    )  # fmt: skip
    parts.add(made, "evidence", kind="quote", quote="Kept inside", given_by="Somebody", by=SYSTEM)
    db.session.commit()
    return made


@pytest.fixture
def story(partnership):
    made = stories.assemble(partnership, by=SYSTEM)
    db.session.commit()
    return made


def cite(story):
    for person in named.find([story]).people[story.id]:
        stories.give_basis(story, person, basis=Basis.PUBLISHED_SOURCE, words="A newsletter, 2020", by=SYSTEM)
    db.session.commit()


def published(story):
    cite(story)
    stories.publish(story, by=SYSTEM)
    db.session.commit()
    return f"/stories/{story.slug}"


def test_every_sentence_rests_on_a_record_and_gaps_are_said(story, partnership):
    assert stories.assemble(partnership, by=SYSTEM) is story  # pressed twice
    grounds = claims.grounds(partnership, story.claims)
    assert set(grounds) == {claim.id for claim in story.claims}
    text = " ".join(claim.text for claim in story.claims)
    a, b = partnership.origin.introduction.a.full_name, partnership.origin.introduction.b.full_name
    assert a in text and b in text and "18 February 2020: A visit to the office, at: Phnom Penh." in text
    for gap in ("In which session", "Whether somebody introduced them", "How many people took part is not known"):
        assert gap in text
    before = [claim for claim in story.claims if claim.record == "context"]
    assert [claim.part.value for claim in before] == ["before"]


def test_nobody_is_named_without_consent_or_a_cited_source(story, client):
    with pytest.raises(InvalidError, match="has not agreed to be named"):
        stories.publish(story, by=SYSTEM)
    assert client.get(f"/stories/{story.slug}").status_code == 404
    with pytest.raises(InvalidError, match="cite the source"):
        stories.give_basis(
            story, named.find([story]).people[story.id][0], basis=Basis.PUBLISHED_SOURCE, words="", by=SYSTEM
        )
    shown = client.get(published(story)).text
    assert "A newsletter, 2020" in shown and 'href="https://news.example/1"' in shown
    assert "Kept inside" not in shown and "kept by the secretariat" in shown
    assert len(re.findall(r'class="source-mark"', shown)) == len(story.claims)


def test_a_consent_that_is_taken_back_hides_the_story_at_once(story, client):
    meeting = story.partnership.origin.meeting
    people = named.find([story]).people[story.id]
    for person in people:
        stories.give_basis(story, person, basis=Basis.CONSENT, words="By phone, 3 May.", by=SYSTEM)
    stories.publish(story, by=SYSTEM)
    db.session.commit()
    address = f"/stories/{story.slug}"
    assert client.get(address).status_code == 200
    safeguarding.record_consent(
        person=people[0], meeting=meeting, purpose=Purpose.NAMING, side=ConsentBy.SELF, answer=False, language="en",
        by=SYSTEM,
    )  # fmt: skip
    db.session.commit()
    assert client.get(address).status_code == 404
    assert story.title not in client.get("/stories/").text


def test_a_dispute_and_a_withdrawal_hide_it_at_once(story, client):
    address = published(story)
    assert story.title in client.get("/stories/").text
    says(story.partnership.parties[0], VerificationState.DISPUTED)
    assert client.get(address).status_code == 404 and story.title not in client.get("/stories/").text
    confirm(story.partnership)
    shown = client.get(address)
    assert shown.status_code == 200
    stories.withdraw(story, by=SYSTEM)
    db.session.commit()
    assert client.get(address).status_code == 404
    stories.publish(story, by=SYSTEM)  # again
    assert story.state is StoryState.PUBLISHED


def test_people_at_risk_and_children_are_never_told_of(story, partnership, client):
    address = published(story)
    person = partnership.parties[0].focal_person
    person.at_risk = True
    db.session.commit()
    assert client.get(address).status_code == 404
    with pytest.raises(InvalidError, match="never named"):
        stories.give_basis(story, person, basis=Basis.CONSENT, words="Yes", by=SYSTEM)
    person.at_risk = False
    partnership.visibility = Visibility.HIDDEN
    db.session.commit()
    assert client.get(address).status_code == 404


def test_a_public_story_cannot_come_to_name_somebody_who_has_not_agreed(story, partnership):
    published(story)
    a_person(partnership.parties[0].organisation, full_name="Quiet Colleague")
    with pytest.raises(InvalidError, match="Quiet Colleague has not agreed"):
        stories.rewrite(story, story.claims[0].id, text="They met, and Quiet Colleague was there.", by=SYSTEM)
    db.session.rollback()
    stories.rewrite(story, story.claims[0].id, text="", by=SYSTEM)  # left out
    db.session.commit()


def test_a_record_that_changes_is_seen_and_what_is_new_is_taken_up(story, partnership):
    activity = partnership.activities[0]
    parts.change(partnership, "activity", activity.id, title="A longer visit", by=SYSTEM)
    parts.add(partnership, "activity", kind=ActivityKind.TRAINING, title="A training", by=SYSTEM)
    db.session.commit()
    grounds = claims.grounds(partnership, story.claims)
    changed = [claim.text for claim in story.claims if grounds[claim.id].changed]
    assert changed == ["18 February 2020: A visit to the office, at: Phnom Penh."]
    assert stories.take_up(story, by=SYSTEM) == 2  # the training, and that nobody knows how many came
    assert stories.take_up(story, by=SYSTEM) == 0
    parts.remove(partnership, "activity", activity.id, by=SYSTEM)
    db.session.commit()
    assert any("no longer there" in problem for problem in stories.problems(story))


def test_a_photograph_only_with_consent(story, partnership, client):
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    row = parts.add(
        partnership, "evidence", kind="file", file_id=parts.attach("group.png", picture.getvalue()), title="Group",
        consent_ok=True, by=SYSTEM,
    )  # fmt: skip
    told = {"title": story.title, "lead": "", "photo": row, "by": SYSTEM}
    with pytest.raises(InvalidError, match="what can be seen"):
        stories.change(story, photo_words="", version=story.version, **told)
    stories.change(story, photo_words="Six people before a house", version=story.version, **told)
    address = published(story)
    assert 'alt="Six people before a house"' in client.get(address).text
    photograph = client.get(f"{address}/photograph")
    assert (photograph.mimetype, photograph.headers["Cache-Control"]) == ("image/webp", "no-store")
    row.consent_ok = False
    db.session.commit()
    assert client.get(address).status_code == client.get(f"{address}/photograph").status_code == 404


def test_the_staff_pages_from_the_records_to_the_public_page(partnership, sign_in, client):
    organiser = sign_in(Role.ORGANISER, partnership.origin.meeting)
    address = organiser.post(f"/staff/partnerships/{partnership.id}/story").headers["Location"]
    shown = organiser.get(address).text
    assert "Before it can be published" in shown and "has not agreed yet" in shown
    refused = organiser.post(f"{address}/publish")
    assert refused.status_code == 422 and "has not agreed to be named" in refused.text
    for person in set(re.findall(r"/names/(\d+)", shown)):
        said = {"basis": "consent", "words": "By letter, 3 May."}
        assert organiser.post(f"{address}/names/{person}", data=said).status_code == 302
    version = re.search(r'name="version"[^>]*value="(\d+)"', organiser.get(address).text)[1]
    new = {
        "title": "What grew from a handshake", "lead": "They met.", "photo": "", "version": version,
        "lead_rests_on": [f"introduction:{partnership.origin.introduction_id}"],
        "why_chosen": "It shows what a handshake can do.", "chosen_by": "The members' assembly",
    }  # fmt: skip
    careless = {**new, "lead_rests_on": [], "chosen_by": ""}
    assert "Say who chose this story" in organiser.post(f"{address}/edit", data=careless).text
    assert organiser.post(f"{address}/edit", data=new).status_code == 302
    stale = organiser.post(f"{address}/edit", data={**new, "lead": "My own lead"})
    assert stale.status_code == 422 and "My own lead" in stale.text
    preview = organiser.get(f"{address}/preview").text
    activity = partnership.activities[0].id
    assert (
        f'href="/staff/partnerships/{partnership.id}#activity-{activity}"' in preview
    )  # each source leads to its record
    assert f'id="activity-{activity}"' in organiser.get(f"/staff/partnerships/{partnership.id}").text
    assert "A preview: only the secretariat sees this" in preview and "They met." in preview
    assert client.get(f"{address}/preview").status_code in (302, 401, 403)
    claim = re.search(r"/claims/(\d+)", shown)[1]
    assert organiser.post(f"{address}/claims/{claim}", data={"text": "It began at a meeting."}).status_code == 302
    assert organiser.post(f"{address}/records").status_code == 302
    assert organiser.post(f"{address}/publish").status_code == 302
    public = client.get(f"/stories/{stories_slug(partnership)}").text
    assert "What grew from a handshake" in public and "It began at a meeting." in public
    assert 'They met.<sup class="source-mark"><a href="#source-1"' in public
    assert "It shows what a handshake can do." in public and "The members&#39; assembly" in public
    assert "What grew from a handshake" in organiser.get("/staff/stories").text
    meeting = partnership.origin.meeting  # years later its own page leads there
    meeting.state = MeetingState.OVER
    db.session.commit()
    of_the_meeting = f"/stories/?meeting={meeting.slug}"
    first = re.search(
        r'<div class="actions">.*?<a class="btn btn-primary btn-lg" href="([^"]+)"',
        client.get(f"/m/{meeting.slug}").text,
        re.S,
    )
    assert first and first[1] == of_the_meeting  # of a meeting that is over one reads first what came of it
    assert "What grew from a handshake" in client.get(of_the_meeting).text
    assert "No story is published" in client.get(f"/stories/?meeting={a_meeting().slug}").text
    assert organiser.post(f"{address}/withdraw").status_code == 302
    assert client.get(f"/stories/{stories_slug(partnership)}").status_code == 404


def stories_slug(partnership):
    return queries_story.list_stories(None)[0].slug


def test_what_speaks_for_the_whole_stands_once_among_the_sources(story, partnership, client):
    parts.add(
        partnership, "evidence", kind="published_source", title="A yearbook", url="https://news.example/2", by=SYSTEM
    )
    sources = client.get(published(story)).text.split('<ol class="sources">')[1].split("<h2>")[0]
    assert sources.count("<li id=") > 1 and sources.count("A yearbook") == 1 and "A newsletter" in sources
    assert sources.index("A newsletter") < sources.index("</ol>") < sources.index("A yearbook")


def test_a_lead_that_rests_on_nothing_is_not_published(story):
    cite(story)
    told = {"title": story.title, "photo": None, "photo_words": "", "version": story.version, "by": SYSTEM}
    stories.change(story, lead="They met, and much came of it.", lead_rests_on=["activity:999"], **told)
    with pytest.raises(InvalidError, match="no record is named for"):
        stories.publish(story, by=SYSTEM)


def test_a_sentence_shows_the_evidence_of_its_own_record(story, partnership):
    other = parts.add(partnership, "activity", kind=ActivityKind.TRAINING, title="A training", by=SYSTEM)
    parts.add(partnership, "evidence", kind="quote", quote="Of the training", activity_id=other.id, by=SYSTEM)
    stories.take_up(story, by=SYSTEM)
    db.session.commit()
    grounds = claims.grounds(partnership, story.claims)
    found = {claim.text[:16]: (len(grounds[claim.id].evidence), grounds[claim.id].kept) for claim in story.claims}
    assert found["18 February 2020"] == (1, 1)  # the newsletter, and what is about the whole
    assert found["A training; when"] == (0, 2)


def test_who_is_named_is_looked_for_in_the_whole_directory_before_it_is_saved(story, client):
    published(story)
    stranger, _short = a_person(full_name="Rosalinda Cruz"), a_person(full_name="Met")
    db.session.commit()
    with pytest.raises(InvalidError, match="Rosalinda Cruz has not agreed"):
        stories.rewrite(story, story.claims[0].id, text="They met through Rosalinda Cruz.", by=SYSTEM)
    db.session.rollback()
    stories.give_basis(story, stranger, basis=Basis.CONSENT, words="By letter, 3 May.", by=SYSTEM)
    stories.rewrite(story, story.claims[0].id, text="They met through Rosalinda Cruz.", by=SYSTEM)
    db.session.commit()
    assert "Rosalinda Cruz" in client.get(f"/stories/{story.slug}").text
    stranger.at_risk = True
    db.session.commit()
    assert client.get(f"/stories/{story.slug}").status_code == 404
    stranger.at_risk = False
    stories.rewrite(story, story.claims[0].id, text="They met.", by=SYSTEM)
    db.session.commit()
    assert "Rosalinda Cruz" not in client.get(f"/stories/{story.slug}").text  # nor among those who are named


def test_the_list_asks_as_often_with_one_story_as_with_four_and_leaves_out_what_may_not_be_shown(client, queries):
    counts = []
    for n in (1, 3):
        for _ in range(n):
            made = partnerships.create_from_introduction(an_introduction(), by=SYSTEM)
            last = stories.assemble(made, by=SYSTEM)
            published(last)
        client.get("/stories/")
        with queries() as seen:
            shown = client.get("/stories/")
        counts.append(seen.count)
    assert shown.text.count("<h2>") == 4 and shown.headers["Cache-Control"] == "no-store"
    assert counts[0] == counts[1], seen.statements
    safeguarding.record_consent(
        person=last.partnership.origin.introduction.a, meeting=last.partnership.origin.meeting, purpose=Purpose.NAMING,
        side=ConsentBy.SELF, answer=False, language="en", by=SYSTEM,
    )  # fmt: skip
    stories.give_basis(last, last.names[0].person, basis=Basis.CONSENT, words="Once", by=SYSTEM)
    db.session.commit()
    assert client.get("/stories/").text.count("<h2>") == 3


def test_the_second_of_two_editors_is_told(story):
    seen = story.version
    stories.change(story, title="One", lead="", photo=None, photo_words="", version=seen, by=SYSTEM)
    db.session.commit()
    with pytest.raises(StaleError):
        stories.change(story, title="Two", lead="", photo=None, photo_words="", version=seen, by=SYSTEM)
