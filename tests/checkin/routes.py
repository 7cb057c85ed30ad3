PUBLIC = {
    "door_api.ask",  # these four need a device's key, or an enrolment token
    "door_api.enrol",
    "door_api.presence",
    "door_api.scans",
}
