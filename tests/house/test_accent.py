"""An accent is a stylesheet of its own: pages hold no styles."""

from eventhub import ui
from tests.factories.basics import a_meeting


def test_an_accents_sheet_is_kept_for_ever_and_only_of_a_colour(client):
    sheet = client.get("/accent/8a1c5b.css")
    assert sheet.mimetype == "text/css" and sheet.text == f":root{{{ui.accent_style('#8a1c5b')}}}"
    assert "immutable" in sheet.headers["Cache-Control"] and "Set-Cookie" not in sheet.headers
    for odd in ("8A1C5B", "8a1c5", "red", "8a1c5b;}", "%00aaaaa"):
        assert client.get(f"/accent/{odd}.css").status_code == 404


def test_a_meetings_page_asks_for_the_sheet_of_its_accent_and_the_houses_own_needs_none(app, client):
    """What the stylesheet of every page falls back on is the house's own teal, by day and by night."""
    meeting = a_meeting(accent="#8A1C5B")
    assert '<link rel="stylesheet" href="/accent/8a1c5b.css?v=' in client.get(f"/m/{meeting.slug}").text
    plain = a_meeting(accent="#0b6e6e")
    assert "/accent/" not in client.get(f"/m/{plain.slug}").text
    css = client.get("/static/css/eventhub.css").text
    for token in ui.accent_style("#0b6e6e").split(";"):
        name, value = token.split(":")
        assert f"var({name}, {value})" in css
    with app.test_request_context():
        assert ui.accent_sheet({"accent": '"><script>'}) == ui.accent_sheet(None) == ""
