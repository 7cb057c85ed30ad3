"""What is installed from registries: fixed, complete, compressed, and not installed twice."""

import gzip
import json
import re

import pytest

from eventhub.frontend import vendor
from eventhub.paths import FONTS, STATIC

pytestmark = pytest.mark.once

PACKAGE = json.loads((vendor.FRONTEND / "package.json").read_text())
LOCK = json.loads((vendor.FRONTEND / "package-lock.json").read_text())


def test_versions_are_exact_and_locked_by_hash():
    locked = {name.removeprefix("node_modules/"): entry for name, entry in LOCK["packages"].items() if name}
    for name, version in PACKAGE["dependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert locked[name]["version"] == version
    assert all(entry["integrity"].startswith("sha512-") for entry in locked.values())


def test_the_lock_names_no_host():
    assert [name for name, entry in LOCK["packages"].items() if "resolved" in entry] == []


def test_every_package_is_used():
    used = {"/".join(path.split("/")[: 1 + path.startswith("@")]) for path in vendor.SCRIPTS.values()}
    used |= {f"@expo-google-fonts/{name}" for name in vendor.FONTS}
    assert used == set(PACKAGE["dependencies"])


def test_everything_lies_where_pages_and_badges_look():
    assert [name for name in vendor.SCRIPTS if not (STATIC / "vendor" / name).is_file()] == []
    expected = {f"{stem}-{weight[3:]}.ttf" for stem in vendor.FONTS.values() for weight in vendor.WEIGHTS}
    assert {path.name for path in FONTS.glob("*.[to]tf")} == expected | {vendor.CJK_FONT}


def test_each_large_file_has_its_compressed_twin():
    for path in (STATIC / "vendor").rglob("*"):
        if path.suffix in vendor.COMPRESSED and path.stat().st_size > vendor.COMPRESS_FROM:
            assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()


def test_nothing_is_installed_twice(tmp_path):
    static = tmp_path / "eventhub" / "static"
    for folder in ("vendor", "fonts"):
        (static / folder).mkdir(parents=True)
    (static / "vendor" / ".installed").write_text(vendor.fingerprint())
    assert vendor.install(tmp_path) is False
    assert list((static / "fonts").iterdir()) == []


def test_what_is_installed_is_what_is_wanted():
    # when this fails, run: python eventhub/frontend/vendor.py
    assert (STATIC / "vendor" / ".installed").read_text() == vendor.fingerprint()


def test_the_barcode_reader_finds_its_other_half():
    reader = (STATIC / "vendor/zxing/es/reader/index.js").read_text()
    assert set(re.findall(r'from\s*"([^"]+)"', reader)) == {"../share.js"}
