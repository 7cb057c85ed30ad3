"""What is an address, and that nothing anybody types breaks the question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.mail import addresses

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "wire", "plain"),
    [
        ("Dara@Hub.Example", "Dara@hub.example", True),
        ("o'neil+tag@hub.example", "o'neil+tag@hub.example", True),
        ("person@ឧទាហរណ៍.example", "person@xn--w2ef1ax7a5fyh.example", True),
        ("សុភាព@network.example", "សុភាព@network.example", False),
    ],
)
def test_addresses_as_the_server_reads_them(text, wire, plain):
    found = addresses.read(text)
    assert (str(found), found.plain) == (wire, plain)


@pytest.mark.parametrize(
    "text", ["", "@", "a@", "@b.example", "a b@c.example", "a@b", "a@b..example", "a@b.example, c@d.example", "<a@b.example>"]
)  # fmt: skip
def test_what_is_no_address(text):
    assert addresses.read(text) is None


def test_one_mailbox_has_one_key_however_it_is_written():
    ways = ("Dara@ឧទាហរណ៍.Example", " dara@XN--W2EF1AX7A5FYH.example ")
    assert {addresses.key(way) for way in ways} == {"dara@xn--w2ef1ax7a5fyh.example"}


@given(st.text() | st.builds("{}@{}".format, st.text(), st.text()))
def test_nothing_typed_breaks_it(text):
    found = addresses.read(text)
    assert found is None or "\n" not in str(found)
    assert len(addresses.key(text)) <= 255
