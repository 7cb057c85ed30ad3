"""Which words people meet who do not work here, such as participants, guardians, parties and volunteers at the door.

A catalogue of a language has at least these. What only the staff sees stays English until somebody translates it too.

    python eventhub/frontend/participants.py FILE.pot      writes them with where they stand, for who translates
    python eventhub/frontend/participants.py FILE.po       tells what a translation lacks, and where it lost a value
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, meta

ROOT = Path(__file__).resolve().parents[2]
# not among them: Reviewed, the words of consents, which a catalogue may have only once somebody has checked them
KEYWORDS: dict[str, Any] = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}

# Pages that need no account. Which templates they show is found in them. Who signs in, and who plays with the demo, is
# no participant.
PAGES = (
    "eventhub/*/public*.py",
    "eventhub/error_pages.py",
    "eventhub/https/install.py",
    "eventhub/checkin/views_door.py",
)
NOT_PAGES = ("eventhub/accounts/*", "eventhub/demo/*")
STAFF_LETTERS = "staff_*"
STAFF_TEMPLATES = {"checkin/choose.html", "layouts/staff.html"}

# Modules whose words such pages and letters show, and of them what only the staff sees.
MODULES: dict[str, set[str]] = {
    "eventhub/errors.py": set(),
    "eventhub/files.py": set(),
    "eventhub/pages.py": set(),
    "eventhub/states.py": set(),
    "eventhub/ui.py": set(),
    "eventhub/badges/queries.py": {"get_badge", "waiting"},
    "eventhub/badges/service.py": {"revoke"},
    "eventhub/checkin/api_door.py": set(),
    "eventhub/checkin/app_words.py": set(),
    "eventhub/checkin/devices.py": {"_scope", "make_token"},
    "eventhub/checkin/limits.py": set(),
    "eventhub/checkin/self_check_in.py": set(),
    "eventhub/checkin/words.py": set(),
    "eventhub/checkin/words_self.py": set(),
    "eventhub/directory/checks.py": {"check_website"},
    "eventhub/directory/imprecise.py": set(),
    "eventhub/invitations/forms.py": {
        "SEATS", "QuotaForm", "SectorForm", "InviteForm", "InvitePeopleForm", "SendForm", "InvitationForm",
    },
    "eventhub/invitations/service.py": set(),
    "eventhub/invitations/service_naming.py": set(),
    "eventhub/meetings/queries.py": set(),
    "eventhub/networking/ask_links.py": set(),
    "eventhub/networking/calendars.py": set(),
    "eventhub/networking/forms.py": {"SOURCES", "IntroductionForm"},
    "eventhub/networking/forms_offers.py": set(),
    "eventhub/networking/forms_one_to_one.py": set(),
    "eventhub/networking/forms_wishes.py": set(),
    "eventhub/networking/letters_one_to_one.py": set(),
    "eventhub/networking/offers.py": set(),
    "eventhub/networking/people_words.py": set(),
    "eventhub/networking/queries_met.py": set(),
    "eventhub/networking/queries_own.py": set(),
    "eventhub/networking/service_kept.py": set(),
    "eventhub/networking/service_met.py": set(),
    "eventhub/networking/service_one_to_one.py": {"seat", "_check_may_be_seated"},
    "eventhub/networking/suggestions.py": set(),
    "eventhub/networking/wishes.py": set(),
    "eventhub/partnerships/answers.py": set(),
    "eventhub/partnerships/checks.py": set(),
    "eventhub/partnerships/claims.py": {
        "_and", "_beginning", "_first_meeting", "_unknown_of", "_of", "_done", "_activity", "_changed", "_before", "_known",
    },
    "eventhub/partnerships/commitments.py": set(),
    "eventhub/partnerships/corrections.py": set(),
    "eventhub/partnerships/follow_ups.py": set(),
    "eventhub/partnerships/forms.py": {"NewPartnershipForm", "VersionForm"},
    "eventhub/partnerships/forms_commit.py": {"CommitmentForm", "StatementForm"},
    "eventhub/partnerships/forms_follow.py": set(),
    "eventhub/partnerships/forms_outside.py": set(),
    "eventhub/partnerships/forms_parts.py": set(),
    "eventhub/partnerships/meeting_statements.py": {"draft", "change", "ask_again"},
    "eventhub/partnerships/queries.py": {"get_partnership", "get_part"},
    "eventhub/partnerships/queries_story.py": set(),
    "eventhub/partnerships/ratings.py": set(),
    "eventhub/partnerships/substantiation.py": {"ask"},
    "eventhub/partnerships/telling.py": set(),
    "eventhub/partnerships/timeline.py": {"who_stands_where"},
    "eventhub/partnerships/verification.py": {"ask"},
    "eventhub/partnerships/waves.py": set(),
    "eventhub/partnerships/words.py": set(),
    "eventhub/programme/ics.py": set(),
    "eventhub/programme/kinds.py": set(),
    "eventhub/programme/queries.py": {"get_room", "get_track"},
    "eventhub/programme/service.py": {
        "ClashError", "_check_name", "_remove", "remove_session", "_check_times", "_set_speakers",
    },
    "eventhub/registration/children.py": set(),
    "eventhub/registration/completeness.py": set(),
    "eventhub/registration/forms.py": {"StaffForm", "_ABOUT_SOMEBODY", "FieldForm", "DecisionForm"},
    "eventhub/registration/questions.py": set(),
    "eventhub/registration/service.py": set(),
    "eventhub/registration/service_own.py": set(),
    "eventhub/safeguarding/forms.py": {"PaperForm", "AdultForm", "GuardianForm", "IncidentForm"},
    "eventhub/safeguarding/service.py": {"record_consent", "note_departure", "confirm_safe", "seal_all", "read_sealed"},
    "eventhub/safeguarding/texts.py": set(),
    "eventhub/themes/words.py": set(),
}  # fmt: skip


def catalog() -> Catalog:
    """All these words, each with the files and lines where it stands."""
    found = Catalog(project="EventHub", charset="utf-8")
    for path, left_out in sources():
        for line, message, comments, context in extract_from_file(
            _method(path), path, KEYWORDS, options=_options(path)
        ):
            if not any(first <= line <= last for first, last in left_out):
                found.add(
                    message, locations=[(str(path.relative_to(ROOT)), line)], auto_comments=comments, context=context
                )
    return found


def sources() -> Iterator[tuple[Path, list[tuple[int, int]]]]:
    """Every file that counts, with the lines in it that do not."""
    for path in pages():
        yield path, []
    for name, staff in sorted(MODULES.items()):
        parts = ast.parse((ROOT / name).read_text()).body
        yield ROOT / name, [(part.lineno, part.end_lineno or 0) for part in parts if names_of(part) & staff]
    for name in sorted(templates()):
        yield ROOT / "templates" / name, []


def pages() -> list[Path]:
    return sorted(
        path for where in PAGES for path in ROOT.glob(where)
        if not any(path.match(other) for other in NOT_PAGES)
    )  # fmt: skip


def names_of(part: ast.stmt) -> set[str]:
    """What a statement of a module defines."""
    if isinstance(part, ast.ClassDef | ast.FunctionDef):
        return {part.name}
    targets = part.targets if isinstance(part, ast.Assign) else [part.target] if isinstance(part, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def templates() -> set[str]:
    """The templates that these pages name, the letters that do not go to staff, and all that these are made of."""
    found: set[str] = set()
    for path in pages():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html"):
                found |= _with_parts(node.value)
    for folder in (ROOT / "templates" / "mail").iterdir():
        if folder.is_dir() and not folder.match(STAFF_LETTERS):
            for part in ("subject.txt", "body.txt", "body.html"):
                found |= _with_parts(f"mail/{folder.name}/{part}")
    return found - STAFF_TEMPLATES


@cache
def _with_parts(name: str) -> set[str]:
    parsed = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse((ROOT / "templates" / name).read_text())
    parts = [part for part in meta.find_referenced_templates(parsed) if part]
    return {name}.union(*(_with_parts(part) for part in parts))


def _method(path: Path) -> str:
    return "python" if path.suffix == ".py" else "jinja2"


def _options(path: Path) -> dict[str, str]:
    return {} if path.suffix == ".py" else {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}


def faults(given: Catalog, needed: Catalog) -> list[str]:
    """What is wrong with a translation: texts that it lacks, and values and marks that a text of it lost or invented."""
    found = ["the head of the file is marked as fuzzy, so nothing of it is used"] if given.fuzzy else []
    found += [
        f"not translated: {message.id}"
        for message in needed
        if message.id and not _is_there(given.get(message.id, message.context))
    ]
    for message in given:
        if message.id and _is_there(message):
            found += [f"{words}: not as in: {message.id}" for words in _unlike(message)]
    return found


def _is_there(message: Message | None) -> bool:
    return message is not None and not message.fuzzy and all(_forms(message.string) or [""])


def texts_of(message: Message) -> list[str]:
    """The English of a message: one text, or one and many."""
    return _forms(message.id)


def _forms(words: str | Sequence[str] | None) -> list[str]:
    return [words] if isinstance(words, str) else list(words or ())


def _unlike(message: Message) -> list[str]:
    """The forms of a translation that have other values or marks than every form of the English."""
    english = [_values(words) for words in texts_of(message)]
    return [words for words in _forms(message.string) if _values(words) not in english]


def _values(words: str) -> list[str]:
    """%(name)s, {name}, HTML's tags and a lone % sign: what is filled in, and what would break while it is."""
    return sorted(re.findall(r"%\(\w+\)[a-z]|\{\w*\}|</?\w[^>]*>|%%|%(?!\()", words))


def main(target: Path) -> None:
    words = catalog()
    if target.suffix == ".pot":
        with target.open("wb") as file:
            write_po(file, words)
        sys.stdout.write(f"{len(words)} texts are in {target}\n")
        return
    with target.open("rb") as file:
        wrong = faults(read_po(file), words)
    sys.stdout.write("".join(f"{line}\n" for line in wrong) + f"{len(wrong)} of {len(words)} texts are not right\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
