"""Open without sign-in: a party's personal link is the lock."""

PUBLIC = {"party.verify", "party.answer", "party.follow_up", "party.tell"}
