"""Text keeps 4.5:1 wherever it stands: the stylesheet's tokens and every accent a meeting may choose."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.colour import DUSK, MIST, NIGHT, PAPER, accent_tokens, contrast, normal

pytestmark = pytest.mark.once

CSS = (Path(__file__).resolve().parents[2] / "eventhub/static/css/eventhub.css").read_text()
HEX = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


def tokens(theme: str) -> dict[str, str]:
    day, night = CSS.split("@media screen and (prefers-color-scheme: dark)", 1)
    night, door = night.split("body.door", 1)
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", {"light": day, "dark": night, "door": door}[theme]))


@pytest.mark.parametrize("theme", ["light", "dark", "door"])
def test_text_tokens_keep_their_contrast(theme):
    t = tokens(theme)
    pairs = [(text, ground) for text in ("ink", "soft", "ok", "wait", "stop", "info") for ground in ("paper", "mist")]
    pairs += [(tone, f"{tone}-pale") for tone in ("ok", "wait", "stop", "info")]
    pairs += [(text, f"{tone}-pale") for text in ("ink", "soft") for tone in ("ok", "wait", "stop", "info")]
    too_weak = {(a, b): round(contrast(t[a], t[b]), 2) for a, b in pairs if contrast(t[a], t[b]) < 4.5}
    assert too_weak == {}


@pytest.mark.parametrize("theme", ["light", "dark", "door"])
def test_edges_of_controls_are_seen(theme):
    t = tokens(theme)
    assert contrast(t["edge"], t["paper"]) >= 3


@given(HEX)
def test_every_accent_is_made_readable(accent):
    t = accent_tokens(accent)
    day = [(t[text], ground) for text in ("accent", "dark") for ground in (PAPER, MIST, t["pale"])]
    night = [(t[text], ground) for text in ("night_accent", "night_dark") for ground in (NIGHT, DUSK, t["night_pale"])]
    ink = [("#1c2430", t["pale"]), ("#566070", t["pale"]), ("#e7ebf0", t["night_pale"])]
    on = [
        (t["on"], t["accent"]),
        (t["on"], t["dark"]),
        (t["night_on"], t["night_accent"]),
        (t["night_on"], t["night_dark"]),
    ]
    assert [pair for pair in day + night + ink + on if contrast(*pair) < 4.5] == []


def test_the_stylesheets_own_accent_is_the_derived_one():
    derived = accent_tokens(None)
    for name, key in (("", "accent"), ("-dark", "dark"), ("-pale", "pale"), ("-on", "on")):
        assert f"--accent{name}: var(--a-d{name}, {derived[key]});" in CSS
        assert f"--accent{name}: var(--a-n{name}, {derived['night_' + key]});" in CSS


def test_the_colours_of_the_plan_stand_in_the_stylesheet():
    plan = {"ink": "#1c2430", "paper": "#ffffff", "mist": "#f4f6f8", "line": "#d9dee5"}
    plan |= {"ok": "#1a7f4b", "wait": "#8a5a00", "stop": "#b42318", "info": "#1f5fa8"}
    assert {name: tokens("light")[name] for name in plan} == plan


@pytest.mark.parametrize("bad", [None, "", "teal", "#12", "red;}body{display:none", "#0b6e6g"])
def test_what_is_no_colour_becomes_the_default(bad):
    assert normal(bad) == "#0b6e6e"


def test_short_colours_are_written_out():
    assert normal("ABC") == "#aabbcc"
