"""A letter of the tests' own, beside those of the features; mail servers; the settings for processes of the tests' own."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader

from tests.mail.servers import MoodySink

TEMPLATES = {
    "mail/greeting/subject.txt": "{{ _('Welcome') }}, {{ name }}\n",
    "mail/greeting/body.txt": (
        "{% extends 'mail/layout.txt' %}{% block content %}\nDear {{ name }},\n\n\n\n{{ when | days_text }}\n"
        "{{ link }}\n{% endblock %}"
    ),
    "mail/greeting/body.html": (
        "{% extends 'mail/layout.html' %}{% from 'macros/mail.html' import button %}"
        "{% block content %}<h1>{{ bdi(name) }}</h1>{{ button(link, _('Open my page')) }}{% endblock %}"
    ),
}


@pytest.fixture
def letters(app: Flask) -> Iterator[None]:
    """The letter ``greeting``; its context is ``name``, ``link`` and ``when``."""
    before = app.jinja_env.loader
    app.jinja_env.loader = ChoiceLoader([DictLoader(TEMPLATES), before])
    yield
    app.jinja_env.loader = before


@pytest.fixture
def moody(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[MoodySink]:
    """The mail server that the app sends to: it answers as the test says."""
    server = MoodySink()
    monkeypatch.setitem(app.config, "EVENTHUB", replace(app.config["EVENTHUB"], smtp_url=server.url))
    yield server
    server.stop()


@pytest.fixture
def environment(app: Flask) -> dict[str, str]:
    """What another process needs to work on this test's database and mail server."""
    settings = app.config["EVENTHUB"]
    return {
        **os.environ,
        "EVENTHUB_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SMTP_URL": settings.smtp_url,
        "LOG_LEVEL": "ERROR",
    }
