"""What registration adds to lower features: its letters, each with a sample to show it with."""

from typing import Any

from eventhub.mail import service as mail
from eventhub.security import placeholder


def _sample(**more: Any) -> dict[str, Any]:
    return {
        "name": "Sok Dara",
        "child": "",
        "link": placeholder("me", 1),
        "state": "submitted",
        "place": 3,
        "seats": 40,
        "missing": ["The child has not yet answered about: travel."],
        "note": "All seats of your sector are taken.",
        "is_new": True,
        "consent_link": placeholder("consent", 1),
        "adult_email": "adult@hub.example",
        **more,
    }


for _name in (
    "registration_received",
    "registration_waiting",
    "registration_place",
    "registration_declined",
    "registration_cancelled",
    "registration_link",
    "registration_address",
    "registration_child",
    "named_adult",
):
    mail.letter(_name, sample=_sample)
