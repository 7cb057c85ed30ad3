"""Open without sign-in: a personal link is the lock."""

PUBLIC = {
    "introduction.show",
    "introduction.answer",
    "people.offers",
    "people.withdraw",
    "people.directory",
    "introduction.met",
    "introduction.meet",
    "introduction.answer_met",
    "introduction.introduce_others",
    "introduction.card",
    "people.not_for_me",
    "wishes.page",
    "wishes.add",
    "wishes.change",
}
