"""Every sentence with which the software says no can be translated, and is said in the language of who reads it."""

import ast
import pickle
from collections.abc import Iterator

import pytest
from flask_babel import LazyString, force_locale

from eventhub import errors
from tests.factories.translations import a_catalogue
from tests.house.test_house import CODE, ROOT, tree

GETTEXT = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext", "pgettext"}


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _family() -> set[str]:
    """The names of RuleError and of every class that is made from it, wherever it stands; and what forms raise."""
    classes = [node for path in CODE for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    found, before = {"RuleError"}, set()
    while found != before:
        before = set(found)
        found |= {c.name for c in classes if found & {_name(base) for base in c.bases}}
    return found | {"ValidationError"}


def _plain(node: ast.expr, constants: dict[str, ast.expr]) -> bool:
    """Whether these words were written down outside gettext, here or under a name of the same module."""
    if isinstance(node, ast.Name):
        return node.id in constants and _plain(constants[node.id], {})
    if isinstance(node, ast.BinOp):
        return _plain(node.left, constants) or _plain(node.right, constants)
    if isinstance(node, ast.IfExp):
        return _plain(node.body, constants) or _plain(node.orelse, constants)
    if isinstance(node, ast.Call) and _name(node.func) == "format":
        return _plain(node.func.value, constants)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _sentences(module: ast.Module, family: set[str]) -> Iterator[ast.expr]:
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef) and node.name in family:
            for part in ast.walk(node):
                if isinstance(part, ast.Assign | ast.AnnAssign) and part.value is not None:
                    targets = part.targets if isinstance(part, ast.Assign) else [part.target]
                    if "sentence" in map(_name, targets):
                        yield part.value
                elif isinstance(part, ast.Call) and ast.unparse(part.func) == "super().__init__" and part.args:
                    yield part.args[0]
        elif isinstance(node, ast.Call) and _name(node.func) in family and node.args:
            yield node.args[0]


@pytest.mark.once
def test_no_sentence_that_says_no_stands_outside_gettext():
    family, offenders = _family(), []
    for path in CODE:
        module = tree(path)
        constants = {
            _name(target): node.value for node in module.body if isinstance(node, ast.Assign) for target in node.targets
        }
        offenders += [
            f"{path.relative_to(ROOT)}:{sentence.lineno}"
            for sentence in _sentences(module, family)
            if _plain(sentence, constants)
        ]
    assert sorted(offenders) == []


@pytest.mark.once
@pytest.mark.parametrize(
    "code",
    [
        'class E(RuleError):\n    sentence = "No."',
        'class E(RuleError):\n    def __init__(self, n):\n        super().__init__(f"No {n}.")',
        'raise errors.InvalidError("No.", field="name")',
        'NO = "No."\nraise InvalidError(NO)',
        'raise InvalidError(f"{_(NO)}!")',
        'raise InvalidError("No: {why}".format(why=why))',
        'raise InvalidError(_("No.") if x else "Yes.")',
        'raise ValidationError("No.")',
    ],
)
def test_the_guard_sees_plain_words(code):
    module = ast.parse(code)
    constants = {n.targets[0].id: n.value for n in module.body if isinstance(n, ast.Assign)}
    family = {"RuleError", "InvalidError", "ValidationError", "E"}
    assert [s for s in _sentences(module, family) if _plain(s, constants)] != []


@pytest.mark.once
def test_words_are_given_to_gettext_whole():
    """What is put together before it is looked up is in no catalogue, and neither is what only a variable holds."""
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and _name(node.func) in GETTEXT and isinstance(node.func, ast.Name)
        for words in node.args[: 2 if "ngettext" in node.func.id else 1]
        if not (isinstance(words, ast.Constant) and isinstance(words.value, str))
    ]
    assert sorted(offenders) == []


def test_a_rule_says_no_in_the_language_of_who_reads(app, tmp_path):
    error, there = errors.InvalidError(), "ប្រាសាទ"
    with a_catalogue(app, tmp_path, "km", {"Something in this form is not right yet.": there}):
        with force_locale("km"):
            assert str(error) == there
        with force_locale("ur"):
            assert str(error) == "Something in this form is not right yet."


@pytest.mark.once
def test_a_rule_says_no_in_english_where_nobody_reads_along():
    error = pickle.loads(pickle.dumps(errors.LinkUsedError(field="name")))
    assert isinstance(errors.LinkUsedError.sentence, LazyString)
    assert str(error).startswith("This link was used already") and f"{error}" == str(error)
    assert (error.field, error.meeting_id) == ("name", None)
