"""Where the files that come with EventHub lie, in a checkout and in an installed wheel alike."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent

# In a checkout the templates stand at the top, where people look for them; a wheel carries them inside the package.
TEMPLATES = next((path for path in (PACKAGE / "templates", PACKAGE.parent / "templates") if path.is_dir()), PACKAGE)
STATIC = PACKAGE / "static"
FONTS = STATIC / "fonts"
MIGRATIONS = PACKAGE / "migrations"
TRANSLATIONS = PACKAGE / "translations"
