"""Letters that tests begin with. Needs the fixture ``letters`` (tests/mail)."""

import itertools
from datetime import date
from typing import Any

from eventhub import security
from eventhub.mail import service
from eventhub.mail.models import Message

_numbers = itertools.count(1)


def a_letter(**facts: Any) -> Message:
    """One queued greeting to somebody of its own; not committed."""
    n = next(_numbers)
    context = {"name": "Sopheap", "link": security.placeholder("me", n), "when": date(2025, 7, 28)}
    values = {
        "letter": "greeting",
        "key": f"greeting:{n}",
        "to_email": f"person{n}@network.example",
        **facts,
        "context": {**context, **facts.get("context", {})},
    }
    return service.queue(**values)
