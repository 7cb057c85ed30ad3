"""Names this feature's letters to the outbox, each with a sample to show it with."""

from datetime import UTC, datetime
from typing import Any

from eventhub.mail import service as mail
from eventhub.security import placeholder


def _organisation(**more: Any) -> dict[str, Any]:
    return {
        "organisation": "Lotus Child Rights Network",
        "alone": False,
        "addressee": "Chan Dara",
        "seats": 2,
        "last_minute": datetime(2027, 3, 31, 15, 59, tzinfo=UTC),
        "tz": "Asia/Manila",
        "link": placeholder("invitation", 1),
        **more,
    }


def _nominee(**more: Any) -> dict[str, Any]:
    return {
        "organisation": "Lotus Child Rights Network",
        "name": "ចាន់ ដារ៉ា",
        "nominee": "ចាន់ ដារ៉ា",
        "is_child": False,
        "role": "delegate",
        "register_by": datetime(2027, 5, 31, 15, 59, tzinfo=UTC),
        "tz": "Asia/Manila",
        "link": placeholder("nomination", 1),
        **more,
    }


mail.letter("invitation", sample=_organisation)
mail.letter("invitation_reminder", sample=_organisation)
mail.letter("invitation_withdrawn", sample=_organisation)
mail.letter("nomination_declined", sample=lambda: _organisation(nominee="ចាន់ ដារ៉ា"))
mail.letter("nomination", sample=_nominee)
mail.letter("nomination_guardian", sample=lambda: _nominee(name="Sok Maly", nominee="Dara", is_child=True))
mail.letter("nomination_withdrawn", sample=_nominee)
