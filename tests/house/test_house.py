"""The guards of the house: rules that no single feature can keep alone."""

import ast
import functools
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from eventhub import errors, paths, schema, security, tasks
from eventhub.accounts import guard
from eventhub.db import Base, db
from eventhub.problems import ApiBlueprint

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted([*ROOT.glob("eventhub/**/*.py"), *ROOT.glob("worker/*.py")])
ROUTES = sorted(ROOT.glob("tests/*/routes.py"))
EDGES = {"views", "public", "api", "cli"}


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@pytest.mark.once
def test_import_contracts_hold():
    """`lint-imports` reads the plan's order from pyproject.toml."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", "pyproject.toml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.once
def test_a_moment_is_shown_as_the_day_where_it_was():
    """What happened before breakfast in Asia was not the day before: `day` of a moment takes the meeting's zone."""
    nowhere = {"accounts", "stories/staff_index.html"}  # of no meeting, or of many
    offenders = []
    for path in ROOT.glob("templates/**/*.html"):
        name = str(path.relative_to(ROOT / "templates"))
        for call in re.findall(r"\bday\((?:[^()]|\([^()]*\))*\)", path.read_text()):
            if "_at" in call and "tz=" not in call and not nowhere & {name, path.parent.name}:
                offenders.append(f"{name}: {call}")
    assert offenders == []


@pytest.mark.once
def test_only_edges_commit():
    offenders = []
    for path in CODE:
        if path.parent.name == "worker" or path.stem.split("_")[0] in EDGES or path.parent.name in EDGES:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr == "commit" and "session" in ast.dump(node.value):
                offenders.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert offenders == []


@pytest.mark.once
def test_what_only_the_worker_computes_with_is_loaded_only_when_it_does():
    """Memory at rest: numbers, solvers and pictures come in with the function that needs them."""
    heavy = {"bm25s", "networkx", "numpy", "openpyxl", "ortools", "pandas", "xlsxwriter"}
    offenders = []
    for path in CODE:
        for node in tree(path).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if heavy & {name.split(".")[0] for name in names}:
                offenders.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert offenders == []


@pytest.mark.once
def test_settings_are_read_in_one_place():
    allowed = {"config.py", "up.py"}  # the supervisor prepares the environment of its children
    offenders = [
        str(p.relative_to(ROOT))
        for p in CODE
        if p.name not in allowed and re.search(r"os\.(environ|getenv)", p.read_text())
    ]
    assert offenders == ["worker/app.py"]  # the number of threads of this very process


@pytest.mark.once
def test_rooms_have_names():
    names = {p.stem for p in CODE} | {p.parent.name for p in CODE}
    assert names.isdisjoint({"utils", "helpers", "common", "misc"})
    filled = [str(p) for p in CODE if p.name == "__init__.py" and p.read_text().strip()]
    assert filled == []


def test_every_route_has_a_permission_or_stands_in_the_public_list(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert sorted(e for e in endpoints if not guard.is_marked(app, e)) == []
    marked_public = {e for e in endpoints if not guard.is_open(e) and guard.permission_of(app, e) is None}
    assert marked_public == public_routes()


@pytest.mark.once
def test_every_permission_is_asked_for_somewhere():
    sources = "\n".join(p.read_text() for p in [*CODE, *ROOT.glob("templates/**/*.html")] if p.name != "security.py")
    granted = set().union(*security.PERMISSIONS.values())
    assert sorted(name for name in granted if not re.search(f"[\"']{re.escape(name)}[\"']", sources)) == []


def public_routes() -> set[str]:
    """The union of ``PUBLIC`` in every tests/<feature>/routes.py."""
    return set().union(*(importlib.import_module(f"tests.{p.parent.name}.routes").PUBLIC for p in ROUTES))


@pytest.mark.once
def test_every_form_that_posts_has_a_csrf_token():
    offenders = []
    for path in ROOT.glob("templates/**/*.html"):
        for form in re.findall(r"<form[^>]*method=[\"']post[\"'].*?</form>", path.read_text(), re.S | re.I):
            if "csrf" not in form:
                offenders.append(str(path.relative_to(ROOT)))
    assert offenders == []


@pytest.mark.once
def test_no_page_holds_styles_of_its_own(client):
    """The policy of every page allows none. Letters, the page that lets a phone in, and the file of a report have others."""
    elsewhere = ("templates/mail/", "templates/install/", "templates/reports/donor_file.html")
    pages = {str(path.relative_to(ROOT)): path.read_text() for path in ROOT.glob("templates/**/*.html")}
    found = [name for name, text in pages.items() if re.search(r"<style|\sstyle\s*=", text)]
    assert [name for name in found if not name.startswith(elsewhere)] == []
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "style-src 'self';" in policy and "unsafe-inline" not in policy


def test_every_template_compiles_and_is_used(app):
    sources = "\n".join(p.read_text() for p in [*CODE, *ROOT.glob("templates/**/*.html")])
    unused = []
    for name in app.jinja_env.list_templates(extensions=["html", "txt"]):
        app.jinja_env.get_template(name)
        ours = (paths.TEMPLATES / name).exists()  # libraries bring some too
        if ours and name not in sources and not name.startswith(("mail/", "security/")):
            unused.append(name)
    assert unused == []


def test_every_api_reads_bodies_and_says_no_in_the_same_way(app):
    modules = [importlib.import_module(f"eventhub.{path.parent.name}.api") for path in ROOT.glob("eventhub/*/api.py")]
    assert [module.__name__ for module in modules if not isinstance(module.bp, ApiBlueprint)] == []


def test_every_task_name_is_registered_and_routed(app):
    from worker.app import celery

    celery.loader.import_default_modules()
    registered = {name for name in celery.tasks if not name.startswith("celery.")}
    assert registered == set(tasks.QUEUES)
    assert set(tasks.QUEUES.values()) == {"mail", "documents", "default"}


def test_models_equal_migrations_and_there_is_one_head(app):
    heads = ScriptDirectory(str(paths.MIGRATIONS)).get_heads()
    assert len(heads) == 1
    assert set(heads) == schema.newest_migrations()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.once
def test_every_rule_error_has_a_sentence():
    def family(kind):
        yield kind
        for child in kind.__subclasses__():
            yield from family(child)

    for kind in family(errors.RuleError):
        assert kind.sentence.endswith((".", "?")) and len(kind.sentence) > 20, kind
