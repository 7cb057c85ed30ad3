"""A catalogue for tests: a few sentences of a language in which nobody has translated the rest."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask


@contextmanager
def a_catalogue(app: Flask, folder: Path, language: str, said: Mapping[str, str]) -> Iterator[None]:
    """Until it is left, the app finds ``said`` (msgid -> translation) in ``language``, and no other catalogue."""
    catalog = Catalog(locale=language)
    for msgid, text in said.items():
        catalog.add(msgid, text)
    target = folder / language / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, catalog)
    babel = app.extensions["babel"]
    before = babel.translation_directories[:]
    babel.translation_directories[:] = [str(folder)]
    babel.instance.domain_instance.cache.clear()
    yield
    babel.translation_directories[:] = before
    babel.instance.domain_instance.cache.clear()
