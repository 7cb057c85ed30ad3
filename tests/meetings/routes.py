"""The meetings' public routes: what the public page shows."""

PUBLIC = {"meetings_api.index", "meetings_api.show"}
