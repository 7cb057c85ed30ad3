"""Where the package keeps what it reads: the same in a checkout and in an installed wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_beside = PACKAGE.parent / "templates"
# a checkout has templates/ beside the package, a wheel inside it
TEMPLATES = PACKAGE / "templates" if (PACKAGE / "templates").is_dir() else _beside
STATIC = PACKAGE / "static"
FONTS = STATIC / "fonts"
MIGRATIONS = PACKAGE / "migrations"
