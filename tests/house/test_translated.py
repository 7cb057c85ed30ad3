"""What a translation that nobody has checked says of itself, and what is never said in one."""

import pytest
from flask_babel import force_locale
from wtforms import IntegerField, SelectMultipleField
from wtforms.validators import NumberRange

from eventhub import translated
from eventhub.mail import letters
from eventhub.pages import PageForm
from tests.factories.basics import a_meeting
from tests.factories.translations import a_catalogue

pytestmark = pytest.mark.once
LINE = "Nobody who speaks this language has checked this translation yet. Where it is unclear, the English counts."
URDU = {LINE: "یہ ترجمہ ابھی جانچا نہیں گیا۔", "May I?": "کیا میں؟", "Skip to the content": "مواد پر جائیں"}


def test_a_page_in_a_draft_says_so_in_that_language_and_in_english_with_the_way_to_english(app, client, tmp_path):
    meeting = a_meeting()
    with a_catalogue(app, tmp_path, "ur", URDU):
        page = client.get(f"/m/{meeting.slug}?day=2&lang=ur").text
        assert URDU[LINE] in page and f'<span lang="en" dir="ltr">{LINE}' in page
        assert '<a href="?day=2&amp;lang=en" hreflang="en">This page in English</a>' in page
        assert LINE not in client.get(f"/m/{meeting.slug}?lang=en").text


@pytest.mark.parametrize("address", ["/door/", "/kiosk/"])
def test_the_door_and_the_kiosk_say_so_too(app, client, tmp_path, address):
    with a_catalogue(app, tmp_path, "ur", URDU):
        draft = client.get(address, headers={"Accept-Language": "ur"}).text
        assert URDU[LINE] in draft and LINE in draft
        assert LINE not in client.get(address, headers={"Accept-Language": "en"}).text


def test_a_checked_language_says_nothing_of_the_kind(app, tmp_path):
    with a_catalogue(app, tmp_path, "vi", {LINE: "…"}), force_locale("vi"):
        assert not translated.is_draft()


def test_a_letter_in_a_draft_says_so_too(app, tmp_path):
    context = letters.LETTERS["registration_link"]()
    plain = letters.render("registration_link", language="vi", context=context)  # no catalogue: English anyhow
    with a_catalogue(app, tmp_path, "ur", URDU):
        draft = letters.render("registration_link", language="ur", context=context)
        english = letters.render("registration_link", language="en", context=context)
    assert LINE in draft.text and URDU[LINE] in draft.text and LINE in draft.html and URDU[LINE] in draft.html
    assert not any(LINE in words for words in (plain.text, plain.html, english.text, english.html))
    assert english.text == english.text.strip() + "\n"


def test_what_is_agreed_to_stays_english_until_its_translation_was_checked(app, tmp_path):
    asked, other = translated.Reviewed("May I?"), translated.Reviewed("Is <this> right?")
    with a_catalogue(app, tmp_path, "ur", URDU):
        with force_locale("ur"):
            assert (str(asked), asked.language, asked.__html__()) == (URDU["May I?"], "ur", URDU["May I?"])
            assert (str(other), other.language) == ("Is <this> right?", "en")
            assert other.__html__() == '<span lang="en" dir="ltr">Is &lt;this&gt; right?</span>'
            assert (translated.shown_in([asked]), translated.shown_in([asked, other])) == ("ur", "en")
        with force_locale("en"):
            assert other.__html__() == "Is &lt;this&gt; right?" and translated.shown_in([asked, other]) == "en"
    assert (str(asked), asked.language) == ("May I?", "en")


def test_what_wtforms_says_by_itself_is_in_our_catalogue_where_its_makers_do_not_speak_the_language(
    app, client, tmp_path
):
    address = f"/m/{a_meeting().slug}/register"
    with a_catalogue(app, tmp_path, "ur", {"Not a valid choice.": "یہ فہرست میں نہیں"}):
        page = client.post(f"{address}?lang=ur", data={"language": "klingon"}).text
        assert "یہ فہرست میں نہیں" in page and "Not a valid choice." not in page
        assert "Not a valid choice." in client.post(f"{address}?lang=en", data={"language": "klingon"}).text


@pytest.mark.parametrize("language", ["en", "km", "ur", "fr"])
def test_what_wtforms_says_holds_the_value_that_it_speaks_of_in_every_language(app, language):
    class Form(PageForm):
        several = SelectMultipleField(choices=[("a", "A")])
        few = IntegerField(validators=[NumberRange(1, 3)])

    with app.test_request_context(method="POST", data={"several": ["x", "y"], "few": "7"}), force_locale(language):
        form = Form()
        assert not form.validate()
        assert "x" in form.several.errors[0] and "3" in form.few.errors[0]
