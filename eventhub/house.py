"""Pages about the software itself: is it up, is it ready, what does it count, how does it look."""

import hmac
import re

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from redis import Redis
from redis.exceptions import RedisError

from eventhub import schema, security, ui, ui_samples
from eventhub.db import Base, db

bp = Blueprint("house", __name__)

# what /metrics counts: a table and its state column
COUNTED = {"messages": "state", "jobs": "state", "registrations": "state", "invitations": "state", "scans": "kind"}


@bp.get("/healthz")
@security.public
@security.limiter.exempt
def healthz() -> ResponseReturnValue:
    """The process is up."""
    return jsonify(status="ok")


@bp.get("/accent/<colour>.css")
@security.public
@security.limiter.exempt
def accent(colour: str) -> ResponseReturnValue:
    """The colours of an accent, for every page of its meetings; the same for ever, for the address names the colour."""
    if not re.fullmatch("[0-9a-f]{6}", colour):
        abort(404)
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(f":root{{{ui.accent_style(colour)}}}", mimetype="text/css", headers=kept)


@bp.get("/readyz")
@security.public
@security.limiter.exempt
def readyz() -> ResponseReturnValue:
    """Database, broker and migrations: 200 when all are right, 503 and the one that is not."""
    checks = {"database": _database(), "migrations": False, "broker": _broker()}
    checks["migrations"] = checks["database"] and _migrated()
    ready = all(checks.values())
    return jsonify(status="ready" if ready else "not ready", **checks), 200 if ready else 503


def _database() -> bool:
    try:
        db.session.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def _migrated() -> bool:
    try:
        return schema.is_migrated()
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return False


def _broker() -> bool:
    try:
        url = current_app.config["EVENTHUB"].redis_url
        return bool(Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5).ping())
    except RedisError:
        return False


@bp.get("/metrics")
@security.public
@security.limiter.exempt
def metrics() -> ResponseReturnValue:
    """Prometheus figures: to METRICS_TOKEN's bearer, or, when none is set, to this machine only."""
    token = current_app.config["EVENTHUB"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not (hmac.compare_digest(given.encode(), token.encode()) if token else _local()):
        abort(404)
    registry = CollectorRegistry()
    for table, column in COUNTED.items():
        gauge = Gauge(f"eventhub_{table}", f"Rows in {table} by {column}", [column], registry=registry)
        state = Base.metadata.tables[table].c[column]
        for value, n in db.session.execute(sa.select(state, sa.func.count()).group_by(state)):
            gauge.labels(value).set(n)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _local() -> bool:
    return request.remote_addr in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers


@bp.get("/staff/looks")
@security.permission("staff")
def looks() -> ResponseReturnValue:
    """Every macro with long, short, right-to-left and failing content."""
    return render_template("staff/looks.html", **ui_samples.samples())


@bp.get("/empty")
@security.public
@security.limiter.exempt
def empty() -> ResponseReturnValue:
    """Nothing, without session or database: the raw limit that the bench holds other pages against."""
    return Response("", mimetype="text/plain")
