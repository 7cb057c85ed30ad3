"""Open by a personal link, or to whoever finds a badge."""

PUBLIC = {"ticket.pdf", "ticket.ics", "ticket.found"}
