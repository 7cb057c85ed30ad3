"""A field's value as JSON, for what is kept of it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any


def plain(value: Any) -> Any:
    """Dates and amounts as text, a vocabulary's member as its word; all else as it is."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.value if isinstance(value, StrEnum) else value
