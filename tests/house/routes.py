"""The routes that need no sign-in, each with its own lock where it needs one (a personal link, a device's key)."""

PUBLIC = {
    "house.accent",
    "house.empty",
    "house.healthz",
    "house.metrics",  # a bearer token, or this machine only
    "house.readyz",
    "site.home",
    "site.meeting",
}
