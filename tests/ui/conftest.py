"""A small application with nothing but the look."""

from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel
from flask_wtf import CSRFProtect

from eventhub import ui

ROOT = Path(__file__).resolve().parents[2]


def build(lang: str = "en") -> Flask:
    app = Flask(
        "eventhub", root_path=str(ROOT / "eventhub"), template_folder=str(ROOT / "templates"), static_folder="static"
    )
    app.config.update(SECRET_KEY="only for these tests", TESTING=True)
    Babel(app, default_locale=lang, locale_selector=lambda: lang)
    CSRFProtect(app)
    ui.init_app(app)
    return app


@pytest.fixture
def make_app():
    """make_app(lang="en"): the application in a language."""
    return build


@pytest.fixture
def app():
    return build()


@pytest.fixture
def render(app):
    """Render a piece of template inside a request; `lang` may be given."""

    def render(source: str, lang: str = "en", path: str = "/", **context) -> str:
        other = app if lang == "en" else build(lang)
        with other.test_request_context(path):
            return render_template_string(source, **context)

    return render
