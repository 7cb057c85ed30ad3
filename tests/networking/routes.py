"""Open without sign-in: a personal link is the lock."""

PUBLIC = {
    "introduction.show",
    "introduction.answer",
    "people.offers",
    "people.withdraw",
    "people.directory",
}
