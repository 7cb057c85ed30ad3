"""Compiles the translations (`eventhub/translations/<lang>/LC_MESSAGES/messages.po`) to what gettext reads.

Runs while EventHub is built or installed (`hatch_build.py`), or by hand: `python eventhub/frontend/catalogs.py`.
"""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_all(root: Path) -> list[Path]:
    """Write a `.mo` beside every `.po` that is newer; returns those written."""
    written = []
    for source in sorted((root / "eventhub" / "translations").glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3])
        with target.open("wb") as file:
            write_mo(file, catalog)
        written.append(target)
    return written


if __name__ == "__main__":
    compile_all(Path(__file__).resolve().parents[2])
