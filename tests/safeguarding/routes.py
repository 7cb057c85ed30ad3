"""The guardian's and the child's page, behind the guardian's personal link."""

PUBLIC = {"consent.page", "consent.answer", "consent.withdraw"}
