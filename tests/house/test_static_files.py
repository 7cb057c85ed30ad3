"""Styles and scripts travel compressed, also our own, and an edited file is never answered with an old copy."""

import gzip

import pytest

from eventhub.static_files import StaticFiles

pytestmark = pytest.mark.once
LONG = "body { color: teal } " * 200


def served(folder, packed, address, **headers):
    """Status, headers and body of an address, by a server that starts now."""
    files = StaticFiles(None, packed=packed, root=str(folder), prefix="static/")
    seen = {}
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": address, **headers}
    body = b"".join(files(environ, lambda status, given: seen.update(given, status=status)))
    return seen, body


def test_a_style_is_packed_for_who_takes_it_and_plain_for_others(tmp_path):
    folder, packed = tmp_path / "static", tmp_path / "data" / "packed"
    folder.mkdir()
    (folder / "a.css").write_text(LONG)
    (folder / "tiny.css").write_text("a{}")
    seen, body = served(folder, packed, "/static/a.css", HTTP_ACCEPT_ENCODING="gzip, br")
    assert seen["Content-Encoding"] == "gzip" and gzip.decompress(body).decode() == LONG and len(body) < 300
    assert seen["Vary"] == "Accept-Encoding"
    seen, body = served(folder, packed, "/static/a.css")
    assert "Content-Encoding" not in seen and body.decode() == LONG
    seen, _body = served(folder, packed, "/static/tiny.css", HTTP_ACCEPT_ENCODING="gzip")
    assert "Content-Encoding" not in seen and len(list(packed.iterdir())) == 1
    (folder / "a.css").write_text(LONG + "p {}")
    _seen, body = served(folder, packed, "/static/a.css", HTTP_ACCEPT_ENCODING="gzip")
    assert gzip.decompress(body).decode() == LONG + "p {}"


def test_where_nothing_can_be_written_the_file_goes_as_it_is(tmp_path):
    folder, taken = tmp_path / "static", tmp_path / "taken"
    folder.mkdir()
    (folder / "a.css").write_text(LONG)
    taken.write_text("a file where the folder should be")
    seen, body = served(folder, taken, "/static/a.css", HTTP_ACCEPT_ENCODING="gzip")
    assert "Content-Encoding" not in seen and body.decode() == LONG
