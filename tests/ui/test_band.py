"""The woven band: one for each slug, for ever the same, small, well-formed, readable in grey."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventhub.band import DYES, ROWS, _grid, band_svg, mail_band, palette
from eventhub.colour import luminance

pytestmark = pytest.mark.once

SLUGS = [f"meeting-{n}" for n in range(400)]


def test_the_same_slug_is_for_ever_the_same():
    assert band_svg("appm-2025") == band_svg("appm-2025")
    assert [sum(row) for row in _grid("appm-2025")] == [sum(row) for row in reversed(_grid("appm-2025"))]


def test_each_slug_has_its_own():
    assert len({str(_grid(slug)) for slug in SLUGS}) == len(SLUGS)


@settings(max_examples=60)
@given(st.text(max_size=60), st.sampled_from(["#0b6e6e", "#ffffff", "#000000", "#ffee00", "nonsense"]))
def test_any_slug_gives_a_small_well_formed_picture(slug, accent):
    for svg in (band_svg(slug, accent), band_svg(slug, accent, 600, 50)):
        root = ET.fromstring(svg)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(svg.encode()) < 3072


def test_it_mirrors_so_it_repeats_without_a_seam():
    for slug in SLUGS[:60]:
        tile = _grid(slug)
        assert len(tile) == ROWS
        for row in tile:
            assert row[1:] == row[:0:-1]


def test_it_reads_in_grey():
    for slug in SLUGS[:60]:
        for accent in ("#0b6e6e", "#ffffff", "#000000", "#7a2e5c", "#d9a13b"):
            ground, body, light, dye = (luminance(colour) for colour in palette(slug, accent))
            assert ground < 0.03 < 0.06 < body < 0.22 < 0.3 < dye < 0.6 < 0.75 < light


def test_no_script_and_no_style_so_that_it_prints_and_passes_policies():
    svg = band_svg('"><script>alert(1)</script>')
    assert not re.search(r"script|style=|href", svg)


def test_the_band_of_a_letter_is_plain_cells():
    row = mail_band("appm-2025")
    table = ET.fromstring(row)
    assert mail_band("appm-2025") == row != mail_band("appm-2024")
    assert len(row) < 5000
    for line in table.findall("tr")[1:]:
        assert sum(int(cell.get("colspan", 1)) for cell in line) == 40


def test_dyes_are_colours():
    assert all(re.fullmatch("#[0-9a-f]{6}", dye) for dye in DYES)
