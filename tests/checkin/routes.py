PUBLIC = {
    "door_app.enrol",  # an enrolment code that works once
    "door_app.icon",  # these are the app itself: nothing about anybody
    "door_app.manifest",
    "door_app.part",
    "door_app.worker",
    "door_app.phone",  # the page of an enrolled phone; its key opens the API, not this page
    "door_app.kiosk",  # the kiosk's page knows nobody; its key lies in the tablet
    "door_app.kiosk_enrol",
    "door_app.kiosk_worker",
    "door_app.screen",  # the room's screen, by its own link; nothing about anybody
    "door_app.screen_code",
    "door_app.room",  # what the room's code opens: only who opened their own page before is known
    "door_app.room_press",
    "door_app.here",  # behind the personal link
    "door_app.here_press",
    "door_api.ask",  # these seven need a device's key, or an enrolment code
    "door_api.enrol",
    "door_api.key",
    "door_api.pin",
    "door_api.presence",
    "door_api.get_roster",
    "door_api.scans",
}
