"""Brings scripts, styles and fonts before a wheel is made, also for `pip install -e`. What and whence: vendor.py."""

import importlib.util
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class VendorHook(BuildHookInterface):
    """Runs `vendor.install` before the files of a wheel are gathered."""

    def initialize(self, version: str, build_data: dict) -> None:
        root = Path(self.root)
        # by its path: EventHub itself is not importable where it is being built
        spec = importlib.util.spec_from_file_location("eventhub_vendor", root / "eventhub" / "frontend" / "vendor.py")
        vendor = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(vendor)
        vendor.install(root)
