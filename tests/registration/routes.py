"""The public form, and the participant's own page behind a personal link."""

PUBLIC = {
    "register.form",
    "register.send",
    "register.child",
    "register.send_child",
    "register.done",
    "register.of_sectors",
    "own_link.ask",
    "own_link.send",
    "me.page",
    "me.edit",
    "me.cancel",
    "me.accept_code",
    "me.photos",
    "me.needs",
    "me.letter",
}
