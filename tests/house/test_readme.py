"""The README names every setting, every feature and every picture, and none that is not there."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FOR_OURSELVES = {"EVENTHUB_DEMO"}  # set by `eventhub up --demo` for its own processes


def table(head: str) -> list[str]:
    """The first cells of the table under a head."""
    lines = README[README.index(head) :].splitlines()[2:]
    return [line.split("|")[1] for line in lines[: next(n for n, line in enumerate(lines) if not line.startswith("|"))]]


def words_of(cells: list[str]) -> set[str]:
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def test_the_settings_are_all_there():
    sources = [ROOT / "eventhub" / "config.py", *sorted((ROOT / "worker").glob("*.py"))]
    read = {
        name
        for path in sources
        for name in re.findall(r'(?:env(?:iron)?(?:\.get\(|, |\[)|_address\(env, )"([A-Z_]+)"', path.read_text())
    }
    assert words_of(table("| setting |")) == read - FOR_OURSELVES


def test_the_map_names_every_feature():
    features = {path.parent.name for path in (ROOT / "eventhub").glob("*/models.py")} | {"demo", "reports"}
    assert features <= words_of(table("| feature |"))


def test_the_pictures_are_there_and_all_are_shown():
    shown = set(re.findall(r"\]\((docs/pictures/[^)]+)\)", README))
    assert shown == {f"docs/pictures/{path.name}" for path in (ROOT / "docs" / "pictures").glob("*.png")}


def test_what_it_links_to_is_there():
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links and [link for link in links if not (ROOT / link).exists()] == []
