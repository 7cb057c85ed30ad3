"""Pictures as SVG: what people wrote stays text, wherever in a mark it stands."""

from xml.etree import ElementTree

import pytest

from eventhub.reports import picture
from eventhub.reports.picture import Mark, Picture

pytestmark = pytest.mark.once

WRITTEN = "<b>\"Lotus\" & 'river'</b>"


def test_a_mark_is_an_element_with_its_words_title_link_and_marks():
    inner = Mark("text", {"x": 1.5, "y": 2, "data-name": WRITTEN}, "t", words=WRITTEN)
    marks = (
        Mark("path", {"d": "M0 0Z"}, WRITTEN, title=WRITTEN, url=f"/x?q={WRITTEN}"),
        Mark("g", {"transform": "translate(0 3)"}, marks=(inner,)),
        Mark("rect", {}),
    )
    drawn = Picture("Title", "says", 10, 10, marks).drawn()
    root = ElementTree.fromstring(f"<svg>{drawn}</svg>")
    link, group, bare = root
    assert (link.tag, link.attrib) == ("a", {"href": f"/x?q={WRITTEN}"})
    assert link[0].attrib == {"class": WRITTEN, "d": "M0 0Z"} and link[0].findtext("title") == WRITTEN
    assert group.attrib == {"transform": "translate(0 3)"}
    assert group[0].attrib == {"class": "t", "x": "1.5", "y": "2", "data-name": WRITTEN} and group[0].text == WRITTEN
    assert (bare.tag, bare.attrib, bare.text) == ("rect", {}, None)
    assert drawn.count("\n") == 4, "a line each"


def test_the_width_of_a_text_is_the_sum_of_its_letters():
    for words in ("", "Lotus", "Lotus " * 30, "ស្ត្រី", "Réseau"):
        letters = [picture.width_of(letter) for letter in words]
        assert picture.width_of(words) == pytest.approx(sum(letters))
    assert picture.width_of("Lotus", 22) == 2 * picture.width_of("Lotus")
    assert picture.width_of("Lotus ") < picture.width_of("ស្ត្រី"), "of as many letters"
