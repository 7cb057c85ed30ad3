"""Open without sign-in: a party's or a participant's personal link is the lock."""

PUBLIC = {
    "party.verify",
    "party.outside",
    "party.outside_answer",
    "party.answer",
    "party.follow_up",
    "party.tell",
    "party.successor",
    "party.stop",
    "party.statement",
    "party.voice",
    "party.speak",
    "party.stories",
    "party.story",
    "party.story_photo",
}
