"""Who may open which route, as a table to read: ``python -m tests.house.permissions > tests/house/permissions.txt``."""

import sys
import tempfile
from pathlib import Path

from flask import Flask

from eventhub import config
from eventhub.accounts import guard
from eventhub.app import create_app
from eventhub.security import PERMISSIONS, Role

FILE = Path(__file__).with_name("permissions.txt")
HEAD = """\
# Who may open which route. A change here is a change of who sees people's data: look at it twice.
# A administrator, O organiser, P programme, D door, S safeguarding, R reader; "staff": whoever is signed in;
# "public": anybody (each has its own lock where it needs one); "sign-in": the library's pages, which look after themselves.
# Made by: python -m tests.house.permissions > tests/house/permissions.txt
"""


def holders(permission: str) -> str:
    """The roles that hold a permission, a letter each."""
    return "".join(r.value[0].upper() if permission == "staff" or permission in PERMISSIONS[r] else "." for r in Role)


def table(app: Flask) -> str:
    """One line per route and method, by endpoint."""
    lines = set()
    for rule in app.url_map.iter_rules():
        if guard.is_open(rule.endpoint):
            who, letters = "sign-in" if rule.endpoint.startswith("security.") else "public", ""
        else:
            permission = guard.permission_of(app, rule.endpoint)
            who, letters = (permission, holders(permission)) if permission else ("public", "")
        methods = ",".join(sorted(rule.methods - {"HEAD", "OPTIONS"}))
        lines.add(f"{rule.endpoint:<42} {who:<28} {letters:<7} {methods:<8} {rule.rule}".rstrip())
    return HEAD + "\n".join(sorted(lines)) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        keys = {"EVENTHUB_SECRET_KEY": "x" * 40, "EVENTHUB_SEALING_KEY": "y" * 40}
        sys.stdout.write(table(create_app(config.from_environment({"EVENTHUB_DATA": folder, **keys}))))


if __name__ == "__main__":
    main()
