"""Before a wheel is made, also for `pip install -e`: brings scripts, styles and fonts (vendor.py), compiles translations."""

import importlib.util
from pathlib import Path
from types import ModuleType

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class VendorHook(BuildHookInterface):
    """Runs before the files of a wheel are gathered."""

    def initialize(self, version: str, build_data: dict) -> None:
        root = Path(self.root)
        _load(root, "vendor").install(root)
        _load(root, "catalogs").compile_all(root)


def _load(root: Path, name: str) -> ModuleType:
    # by its path: EventHub itself is not importable where it is being built
    spec = importlib.util.spec_from_file_location(f"eventhub_{name}", root / "eventhub" / "frontend" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
