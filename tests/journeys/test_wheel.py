"""The built wheel, in an empty environment away from the checkout, runs the demo: templates, static files, fonts, migrations are inside, and the
door's modules with what they import.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.visitor import Visitor
from tests.live import Live, wait_until

ROLES = ("administrator", "organiser", "door", "safeguarding", "reader")
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.once
def test_the_wheel_runs_the_demo(tmp_path: Path) -> None:
    built, place, data = tmp_path / "built", tmp_path / "place", tmp_path / "data"
    data.mkdir()
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(built), str(ROOT)], check=True, cwd=tmp_path)
    wheel = next(built.glob("eventhub-*.whl"))
    # an empty environment: what the wheel does not ask for is not there, not even pip
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    into = ["--python", str(place / "bin" / "python")]
    # Python compiles what it imports; that is little of what is installed
    subprocess.run([*pip, *into, "install", "--no-compile", str(wheel)], check=True, cwd=tmp_path)
    eventhub = str(place / "bin" / "eventhub")
    cases = json.loads((ROOT / "tests" / "checkin" / "door-cases.json").read_text("utf-8"))["cases"]
    replayed = subprocess.run(
        [eventhub, "door", "replay", "--js", str(ROOT / "tests" / "checkin" / "door-cases.json")],
        cwd=data,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(replayed.stdout)["cases"] == [{"case": case["case"], **case["expect"]} for case in cases]
    live = Live(data, f"sqlite:///{data / 'eventhub.db'}", "", "--demo", EVENTHUB_REQUIRE_SECOND_FACTOR="0")
    live.command = [eventhub]
    live.environment.pop("PYTHONPATH")
    live.environment.pop("SMTP_URL")  # the demo's own catcher
    try:
        live.start(patience=600)
        wait_until(lambda: "password" in live.text(), patience=60)
        person = Visitor(live.url).open("/m/riverside-forum-5")
        assert "Penang" in person.text
        for path in (
            "/static/css/eventhub.css",
            "/static/vendor/bootstrap/bootstrap.min.css",
            "/m/riverside-forum-5/programme",
        ):
            assert person.open(path).status == 200
        wait_until(
            lambda: person.open("/demo/letters/").page.links and "/demo/letters/1" in str(person.page.links),
            patience=90,
            every=1,
        )
        named = set(re.findall(r"[^\s<>\[\]()',]+@[^\s<>\[\]()',]+", live.text()))
        assert named == {f"{role}@riverside-forum.example" for role in ROLES}, "the log names who gets letters"
    finally:
        live.stop()
