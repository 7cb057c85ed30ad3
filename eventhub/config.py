"""One frozen object with every setting, read from the environment once. A wrong setting refuses to start."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError


class ConfigError(Exception):
    """A setting is wrong; the sentence names the variable and what it must look like."""


@dataclass(frozen=True)
class Config:
    """All settings. See the README for what each variable means."""

    secret_key: str
    sealing_key: str
    data: Path
    database_url: str
    redis_url: str
    smtp_url: str
    base_url: str
    mail_from: str
    web_workers: int
    web_threads: int
    worker_nice: int  # on a busy machine, who waits for a page comes before letters and sheets
    trusted_proxies: int
    log_level: str
    page_cache_seconds: float
    metrics_token: str
    limits: bool
    demo: bool
    require_second_factor: bool

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def secure(self) -> bool:
        """Whether people reach the site by HTTPS."""
        return self.base_url.startswith("https:")

    def __repr__(self) -> str:  # secrets never reach a log
        return f"Config(data={str(self.data)!r}, base_url={self.base_url!r})"


def from_environment(env: Mapping[str, str] | None = None) -> Config:
    """Read the settings; raises ConfigError with a sentence that names the wrong variable."""
    env = os.environ if env is None else env
    data = Path(env.get("EVENTHUB_DATA") or "data").resolve()
    keys = _keys(env, data)
    database_url = env.get("DATABASE_URL") or f"sqlite:///{data / 'eventhub.db'}"
    if database_url.startswith(("postgres://", "postgresql://")):
        database_url = "postgresql+psycopg://" + database_url.split("://", 1)[1]
    try:
        backend = make_url(database_url).get_backend_name()
    except ArgumentError as error:
        raise ConfigError("DATABASE_URL is not an address of a database (postgresql://… or sqlite:///…).") from error
    if backend not in ("sqlite", "postgresql"):
        raise ConfigError("DATABASE_URL must name a PostgreSQL or SQLite database.")
    return Config(
        **keys,
        data=data,
        database_url=database_url,
        redis_url=_address(env, "REDIS_URL", "redis://127.0.0.1:6379/0", ("redis", "rediss", "unix")),
        smtp_url=_address(env, "SMTP_URL", "smtp://127.0.0.1:25", ("smtp", "smtps", "smtp+starttls")),
        base_url=_address(env, "BASE_URL", "http://127.0.0.1:8000", ("http", "https")).rstrip("/"),
        mail_from=env.get("MAIL_FROM") or "EventHub <eventhub@localhost>",
        web_workers=_number(env, "WEB_WORKERS", 1 if backend == "sqlite" else min(os.cpu_count() or 1, 4), 1),
        web_threads=_number(env, "WEB_THREADS", 8, 1),
        worker_nice=_number(env, "WORKER_NICE", 19, 0),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0, 0),
        log_level=(env.get("LOG_LEVEL") or "INFO").upper(),
        page_cache_seconds=float(_number(env, "PAGE_CACHE_SECONDS", 2, 0)),
        metrics_token=env.get("METRICS_TOKEN") or "",
        limits=env.get("EVENTHUB_LIMITS") != "off",
        demo=env.get("EVENTHUB_DEMO") == "1",
        # a visitor of the demo signs in with the printed password alone
        require_second_factor=_switch(env, "EVENTHUB_REQUIRE_SECOND_FACTOR", env.get("EVENTHUB_DEMO") != "1"),
    )


def _keys(env: Mapping[str, str], data: Path) -> dict[str, str]:
    """The two secrets: from the environment, else from the data folder's key file."""
    stored: dict[str, str] = {}
    path = data / "keys.json"
    if path.is_file():
        stored = json.loads(path.read_text())
    keys = {
        "secret_key": env.get("EVENTHUB_SECRET_KEY") or stored.get("secret_key", ""),
        "sealing_key": env.get("EVENTHUB_SEALING_KEY") or stored.get("sealing_key", ""),
    }
    for name, value in keys.items():
        if len(value) < 32:
            raise ConfigError(
                f"EVENTHUB_{name.upper()} is missing or shorter than 32 characters. "
                "Set it, or let `eventhub up` make one in the data folder."
            )
    return keys


def make_keys(data: Path) -> None:
    """Put new random secrets into the data folder when it has none. The file is readable by its owner only."""
    path = data / "keys.json"
    if path.is_file():
        return
    data.mkdir(parents=True, exist_ok=True)
    keys = {"secret_key": secrets.token_urlsafe(48), "sealing_key": secrets.token_urlsafe(48)}
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(keys, file)


def _address(env: Mapping[str, str], name: str, default: str, schemes: tuple[str, ...]) -> str:
    value = env.get(name) or default
    if urlsplit(value).scheme not in schemes:
        raise ConfigError(f"{name} must begin with one of {', '.join(s + '://' for s in schemes)}.")
    return value


def _number(env: Mapping[str, str], name: str, default: int, least: int) -> int:
    value = env.get(name)
    if not value:
        return default
    if not value.isdigit() or int(value) < least:
        raise ConfigError(f"{name} must be a whole number, {least} or more.")
    return int(value)


def _switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    value = env.get(name) or ""
    if value not in ("", "0", "1"):
        raise ConfigError(f"{name} must be 1 (on) or 0 (off).")
    return value == "1" if value else default
