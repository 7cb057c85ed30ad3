"""The door app as files: everything that the service worker keeps is there, under one version, and nothing else is."""

import json
import re

import pytest

from eventhub.checkin import app_files

pytestmark = pytest.mark.once


def kept(client, place="door"):
    """What the service worker keeps: {name, version, shell, files}."""
    answer = client.get(f"/{place}/sw.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    return json.loads(re.match(r"const KEEP = (\{.*?\});\n", answer.text)[1])


@pytest.mark.parametrize("place", ["door", "kiosk"])
def test_the_service_worker_keeps_only_what_is_there_and_all_that_the_page_needs(client, place):
    about = kept(client, place)
    assert all(client.get(path).status_code == 200 for path in [about["shell"], *about["files"]])
    page = client.get(about["shell"]).text
    needed = set(re.findall(r'(?:src|href)="(/(?:static|door)/[^"#]+)"', page))
    assert needed - {*about["files"]} == set()
    assert kept(client, place) == about and about["name"] == place  # the same page again is the same version


def test_a_script_of_this_version_stays_for_a_year_and_one_of_another_is_asked_for_again(client):
    now = client.get(f"/door/f/{app_files.version()}/js/door/app.js")
    before = client.get("/door/f/older/js/door/app.js")
    assert (now.data, now.mimetype) == (before.data, "text/javascript")
    assert "max-age=31536000" in now.headers["Cache-Control"]
    assert before.headers["Cache-Control"] == "no-cache"
    packed = client.get(f"/door/f/now/{'vendor/zxing/zxing_reader.wasm'}", headers={"Accept-Encoding": "gzip"})
    assert (packed.mimetype, packed.headers["Content-Encoding"]) == ("application/wasm", "gzip")
    for name in ("js/door/sw.js", "css/eventhub.css", "../config.py", "js/door/nothing.js"):
        assert client.get(f"/door/f/now/{name}").status_code == 404


def test_a_phone_can_put_it_on_its_home_screen(client):
    about = client.get("/door/manifest.webmanifest").json
    assert (about["start_url"], about["scope"], about["display"]) == ("/door/", "/door/", "standalone")
    for icon in about["icons"]:
        picture = client.get(icon["src"])
        side = int.from_bytes(picture.data[16:20], "big")
        assert (picture.data[:4], f"{side}x{side}") == (b"\x89PNG", icon["sizes"])
    assert client.get("/door/icon-7.png").status_code == 404
