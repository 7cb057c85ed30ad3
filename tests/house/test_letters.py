"""Every letter has its three files, is named by its feature, and renders in every language."""

import pytest

from eventhub import paths, security
from eventhub.app import LANGUAGES
from eventhub.mail import letters
from tests.factories.basics import a_meeting

pytestmark = pytest.mark.once
FOLDERS = sorted(p.name for p in (paths.TEMPLATES / "mail").iterdir() if p.is_dir())


def test_every_letter_is_named_by_its_feature(app):
    assert sorted(set(FOLDERS) - set(letters.LETTERS)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FOLDERS)
def test_every_letter_has_its_three_files_and_renders(app, name, language):
    files = {p.name for p in (paths.TEMPLATES / "mail" / name).iterdir()}
    assert files == {"subject.txt", "body.txt", "body.html"}
    meeting = a_meeting(title="APPM, Manila")
    words = letters.render(name, language=language, context=letters.LETTERS[name](), meeting=meeting)
    assert words.subject and len(words.text) > 40
    assert f'lang="{language}"' in words.html and "<style" not in words.html
    assert "None" not in words.subject + words.text and "<" not in words.subject


@pytest.mark.parametrize("name", FOLDERS)
def test_personal_links_of_samples_are_real_placeholders(app, name):
    """A preview shows a dead address in their place, as it does for a letter that goes out."""
    words = letters.render(name, language="en", context=letters.LETTERS[name]())
    assert "eventhub-link:" not in security.deaden_links(words.text + words.html)
