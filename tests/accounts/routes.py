"""Public: the link in a letter that sets a password. It has its own lock (a signature, a version, an end)."""

PUBLIC = {"staff_link.password"}
