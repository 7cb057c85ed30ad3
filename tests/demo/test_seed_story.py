"""The one real story, as /stories/ tells it: from the records alone, every sentence with its source, gaps said."""

import re

import pytest

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.demo import real_case
from eventhub.partnerships import claims, queries_story, stories
from eventhub.partnerships.states import Rung

pytestmark = pytest.mark.once


def test_the_seeds_story_is_told_with_every_claim_linked(app, client):
    partnership = real_case.fill()
    db.session.commit()
    assert "A learning visit, two years after Manila" in client.get("/stories/").text
    (story,) = queries_story.list_public()
    shown = client.get(f"/stories/{story.slug}").text
    for told in (
        "Machiko Kaida of C-Rights and Pehn Son of CRC-Cambodia met at APPM, Manila 2018",
        "On 18 February 2020 C-Rights visited the office of CRC-Cambodia.",
        "In which session, or whether in one, is not known.",
        "Whether somebody introduced them, and who, is not known.",
        "How many people took part is not known.",
        "not a result of it",
        "not all parties have confirmed it here",
    ):
        assert told in shown, told
    marks = re.findall(r'href="#source-(\d+)"', shown)
    assert len(marks) == len(story.claims) + len(story.lead_rests_on)  # one at each sentence, the lead's at its own
    assert set(marks) == set(re.findall(r'id="source-(\d+)"', shown))
    grounds = claims.grounds(partnership, story.claims)
    assert len(grounds) == len(story.claims) and not any(ground.changed for ground in grounds.values())
    assert {ground.rung for ground in grounds.values()} <= {Rung.REPORTED, None}
    assert all(real_case.SOURCE in [e.title for e in ground.evidence] for ground in grounds.values())
    assert shown.count("named already in:") == 2
    stories.withdraw(story, by=SYSTEM)
    db.session.commit()
    assert client.get(f"/stories/{story.slug}").status_code == 404
