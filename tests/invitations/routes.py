"""The organisation's and the nominee's pages: each is opened by a personal link."""

PUBLIC = {
    "invitation.accept",
    "invitation.decline",
    "invitation.decline_nomination",
    "invitation.move_up",
    "invitation.nominate",
    "invitation.nomination",
    "invitation.replace",
    "invitation.return_nomination",
    "invitation.show",
    "invitation.withdraw",
}
