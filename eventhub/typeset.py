"""Typesetting: a template, data and pictures become a PDF.

Decides how what people write reaches Typst: as data in a JSON file, never as markup, so that a name such as
`#panic()` or `*bold*` is printed as it stands. Only the fonts that come with EventHub are used, so that a badge looks
the same on every machine.

A template is a file under `templates/` that defines `document(data, pictures)`.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eventhub.paths import FONTS, PACKAGE, TEMPLATES

if TYPE_CHECKING:
    import typst

_MAIN = """#import "/{template}": document
#let pictures = json("/pictures.json").pairs().map(((name, content)) => (name, bytes(content))).to-dict()
#document(json("/data.json"), pictures)
"""

_PATIENCE = 600  # seconds for a print run in a process of its own

_lock = threading.Lock()
_compiler: "typst.Compiler | None" = None


class TypesetError(Exception):
    """A document could not be typeset; the message names the template and what Typst said."""


def typeset(
    template: str,
    data: Mapping[str, Any],
    pictures: Mapping[str, bytes] | None = None,
    *,
    tagged: bool = True,
    apart: bool = False,
) -> bytes:
    """The PDF of `templates/<template>` with `data` (what JSON can hold) and `pictures` (SVG, PNG, JPEG, PDF by name).

    `tagged` adds the structure that screen readers use; large print runs do without. `apart` works in a process of its
    own (0.1 s more): Typst keeps what it worked out, and after hundreds of pages that is hundreds of megabytes.
    Raises TypesetError.
    """
    files = question(template, data, pictures or {})
    return _compile_apart(template, files, tagged) if apart else _compile(template, files, tagged)


def question(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes]) -> dict[str, str]:
    """The files that Typst gets for a document: what calls the template, the data, the pictures. Raises TypesetError."""
    if '"' in template or not (TEMPLATES / template).is_file():
        raise TypesetError(f"{template}: there is no such template")
    return {
        "main": _MAIN.format(template=template),
        "data.json": _json(template, data),
        "pictures.json": _json(template, {name: _content(content) for name, content in pictures.items()}),
    }


def _compile(template: str, files: dict[str, str], tagged: bool) -> bytes:
    import typst  # 7 MB that a process at rest need not hold

    sources = {name: content.encode() for name, content in files.items()}
    # a compiler keeps its fonts and what it worked out before, and serves one caller at a time
    with _lock:
        try:
            # several files as a dict is what the compiler takes and its types leave out
            made = _shared_compiler().compile(input=sources, format="pdf", pdf_tags=tagged)  # type: ignore[type-var]
        except typst.TypstError as error:
            raise TypesetError(f"{template}: {error.message}") from error
        except RuntimeError as error:
            raise TypesetError(f"{template}: {error}") from error
    if not isinstance(made, bytes):
        raise TypesetError(f"{template}: Typst gave no PDF")
    return made


def _compile_apart(template: str, files: dict[str, str], tagged: bool) -> bytes:
    program = "import sys; sys.path.insert(0, sys.argv[1]); from eventhub.typeset import _answer; _answer()"
    question = json.dumps([template, files, tagged]).encode()
    command = [sys.executable, "-c", program, str(PACKAGE.parent)]
    try:
        done = subprocess.run(command, input=question, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise TypesetError(f"{template}: not ready after {_PATIENCE} seconds") from error
    if done.returncode:
        raise TypesetError(done.stderr.decode(errors="replace").strip() or f"{template}: Typst stopped")
    return done.stdout


def _answer() -> None:
    """The other end of `_compile_apart`: a question on standard input, the PDF on standard output."""
    try:
        pdf = _compile(*json.load(sys.stdin.buffer))
    except TypesetError as error:
        sys.exit(str(error))
    sys.stdout.buffer.write(pdf)


def _json(template: str, value: object) -> str:
    try:
        # half a surrogate pair is no character and cannot be written in UTF-8; a question mark stands for it
        return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace").decode()
    except (TypeError, ValueError) as error:
        raise TypesetError(f"{template}: {error}") from error


def _content(content: bytes) -> str | list[int]:
    """A picture as JSON can hold it: SVG as text, anything else as numbers, which Typst turns into bytes again."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return list(content)


def _shared_compiler() -> "typst.Compiler":
    """One per process, made at the first use: threads that Typst starts do not survive a fork."""
    global _compiler
    if _compiler is None:
        import typst

        if not FONTS.is_dir():
            raise TypesetError("The fonts are not installed. Run: python eventhub/frontend/vendor.py")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
        _compiler = typst.Compiler(root=str(TEMPLATES), font_paths=fonts, ignore_system_fonts=True)
    return _compiler
