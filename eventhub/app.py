"""create_app(): configuration, extensions, pages, command line. The same app serves web and worker."""

import importlib
import logging
import pkgutil
import sys
from typing import Any

import eventhub.accounts.passkey_library  # noqa: F401  # isort: skip  (before Flask-Security, which it makes light)
from flask import (
    Flask,
    Request,
    Response,
    current_app,
    g,
    has_request_context,
    request,
)
from flask.cli import FlaskGroup
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix

from eventhub import audit, config, db, error_pages, files, pages, paths, problems, rail, security, signin, tasks, ui
from eventhub.accounts import guard
from eventhub.accounts import settings as signin_settings
from eventhub.meetings import queries as meetings
from eventhub.static_files import StaticFiles
from eventhub.translated import LANGUAGES, SPOKEN

log = logging.getLogger(__name__)

OWN_TABLES = (audit, files)  # kernel modules with records: imported so that the metadata is whole
# what a feature may have; reactions are what it adds to lower features: letters, attachments, jobs
PARTS = ("models", "views", "public", "api", "cli", "reactions")
# in the order of the plan, lowest first
FEATURES = (
    "meetings",
    "accounts",
    "jobs",
    "directory",
    "mail",
    "safeguarding",
    "invitations",
    "registration",
    "programme",
    "badges",
    "checkin",
    "networking",
    "partnerships",
    "documents",
    "reports",
    "demo",
)


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions; who sends no cookie gets an empty one without any signature being prepared."""

    def open_session(self, app: Flask, request: Request) -> Any:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class Hub(Flask):
    """Flask, but for views that are marked ``machine``: what serves browsers runs neither before nor after them."""

    session_interface = Sessions()

    def preprocess_request(self) -> ResponseReturnValue | None:
        if _is_machine():
            _remember_writing()
            return None
        return super().preprocess_request()

    def process_response(self, response: Response) -> Response:
        return security.add_headers(response) if _is_machine() else super().process_response(response)


def _is_machine() -> bool:
    return getattr(_view(request.endpoint), "machine", False)


def create_app(settings: config.Config | None = None) -> Flask:
    """Build the app from ``settings`` (by default from the environment)."""
    settings = settings or config.from_environment()
    app = Hub(__name__, template_folder=str(paths.TEMPLATES), static_folder=str(paths.STATIC))
    _configure(app, settings)
    _extend(app, settings)
    _load_features(app)
    _add_context(app)
    error_pages.init_app(app)
    return app


def _configure(app: Flask, settings: config.Config) -> None:
    app.config.update(
        EVENTHUB=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=db.engine_options(settings.database_url, settings.web_threads),
        MAX_CONTENT_LENGTH=33 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=12 * 1024 * 1024,  # a name of 5 MB must come back in the form with a sentence beside it
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over night must not lose what was typed
        RATELIMIT_ENABLED=settings.limits,
        RATELIMIT_STORAGE_URI=settings.redis_url,
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 0.3, "socket_timeout": 0.5},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_DEFAULT="",
        LANGUAGES=tuple(LANGUAGES),
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=str(paths.TRANSLATIONS),
        API_TITLE="EventHub",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.config.update(signin_settings.of(settings))
    if settings.secure:
        app.config["PREFERRED_URL_SCHEME"] = "https"
    app.url_map.converters["int"] = pages.BoundedInteger
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _wrap(app, settings)
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _wrap(app: Flask, settings: config.Config) -> None:
    """What stands before the app: static files, compressed, so that no other server is needed; and the proxies."""
    app.wsgi_app = StaticFiles(  # type: ignore[method-assign]  # Flask's own way of adding middleware
        app.wsgi_app,
        root=str(paths.STATIC),
        prefix="static/",
        max_age=31536000,
        allow_all_origins=False,
        packed=settings.data / "packed",
    )
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]


def _extend(app: Flask, settings: config.Config) -> None:
    db.db.init_app(app)
    with app.app_context():
        db.prepare(db.db.engine)
    Babel(app, locale_selector=_locale)
    security.init_app(app)
    tasks.connect(settings.redis_url)
    # before the meeting is loaded: that begins the transaction, and it must begin as one that writes
    app.url_value_preprocessor(lambda _endpoint, _values: _remember_writing())
    app.url_value_preprocessor(_load_meeting)
    app.url_defaults(_meeting_in_addresses)
    guard.init_app(app, signin.Letters)
    ui.init_app(app)
    rail.init_app(app)


def _load_features(app: Flask) -> None:
    api = problems.Api(app)
    for feature in FEATURES:
        for part in PARTS:
            modules = _modules_of(feature, part)
            blueprints = dict.fromkeys(module.bp for module in modules if hasattr(module, "bp"))  # each once
            for blueprint in blueprints:
                if part == "api":
                    security.csrf.exempt(blueprint)
                    api.register_blueprint(blueprint)
                else:
                    app.register_blueprint(blueprint)
            if part == "cli":
                for module in modules:
                    app.cli.add_command(module.commands)
    app.register_blueprint(importlib.import_module("eventhub.house").bp)
    app.cli.add_command(importlib.import_module("eventhub.up").up)
    app.cli.add_command(importlib.import_module("eventhub.maintenance").commands, "db")


def _modules_of(feature: str, part: str) -> list[Any]:
    """A part of a feature and what was split off it: ``views`` and then ``views_people``, all before any is registered."""
    package = importlib.import_module(f"eventhub.{feature}")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    found = [name for name in names if name == part or name.startswith(f"{part}_")]
    return [importlib.import_module(f"eventhub.{feature}.{name}") for name in found]


def _locale() -> str:
    if not has_request_context():  # a task or a command: nobody reads along
        return "en"
    asked = request.args.get("lang") or request.cookies.get("lang")
    if asked in LANGUAGES:
        return str(asked)
    return request.accept_languages.best_match(SPOKEN) or "en"


def _remember_writing() -> None:
    db.writing.set(request.method not in ("GET", "HEAD", "OPTIONS"))


def _load_meeting(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Every address with <slug> is about one meeting: it is loaded once, as ``g.meeting``."""
    if values and "slug" in values:
        g.meeting_slug = values.pop("slug")
        if getattr(_view(endpoint), "loads_meeting", True):
            find = meetings.get_among_all if request.path.startswith("/staff/") else meetings.get_meeting
            g.meeting = find(g.meeting_slug)


def _view(endpoint: str | None) -> Any:
    return current_app.view_functions.get(endpoint or "")


def _meeting_in_addresses(endpoint: str, values: dict[str, Any]) -> None:
    if (
        "slug" not in values
        and g.get("meeting") is not None
        and current_app.url_map.is_endpoint_expecting(endpoint, "slug")
    ):
        values["slug"] = g.meeting.slug


def _keep_language(response: Response) -> Response:
    """A language that was chosen by its link stays chosen."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        response.set_cookie("lang", str(chosen), max_age=31536000, samesite="Lax", httponly=True)
    return response


def _add_context(app: Flask) -> None:
    app.after_request(_keep_language)

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {
            "meeting": g.get("meeting"),
            "languages": [(tag, ui.url_with(lang=tag, page=request.args.get("page"))) for tag in SPOKEN],
            "demo": app.config["EVENTHUB"].demo,
        }


def main() -> None:
    """The ``eventhub`` command."""
    # `eventhub up` must be able to make its keys and start its parts before an app can exist
    if len(sys.argv) > 1 and sys.argv[1] == "up":
        importlib.import_module("eventhub.up").up(sys.argv[2:])
        return
    group = FlaskGroup(create_app=create_app, add_default_commands=False, help="EventHub, from the command line.")
    # the door's rules are pure: found here, their command needs no settings, no keys and no database
    group.add_command(importlib.import_module("eventhub.checkin.cli").commands)
    group()
