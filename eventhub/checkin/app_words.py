"""What the door app says beyond the verdicts. ``%(n)s`` and the like are filled in by the app, which may be off line."""

from flask_babel import gettext as _


def app_words() -> dict[str, str]:
    """Each sentence by its name in the app."""
    return {**_state(), **_enrolment(), **_people(), **_camera()}


def _state() -> dict[str, str]:
    return {
        "online": _("On line"),
        "offline": _("No network"),
        "all_sent": _("all sent"),
        "waiting": _("%(n)s waiting"),
        "oldest": _("oldest %(time)s"),
        "seconds": _("%(n)s s"),
        "minutes": _("%(n)s min"),
        "hours": _("%(n)s h"),
        "days": _("%(n)s days"),
        "sent": _("Everything is sent."),
        "not_sent": _("The server cannot be reached. Nothing is lost: it goes out by itself when the network is back."),
        "sending": _("Sending…"),
        "none_waiting": _("Nothing waits."),
        "not_taken": _("The server did not take this scan: %(why)s Show it to an organiser."),
        "clock_off": _("This phone's clock is %(time)s off. Set its date and time."),
        "roster_old": _(
            "The list of people in this phone is %(time)s old. Connect the phone to a network for a moment."
        ),
        "no_roster": _("This phone has no list of people yet. It can decide only while there is a network."),
        "slow": _("Slow network: decided here."),
        "decided_here": _("Decided by this phone; the server hears of it later."),
        "not_kept": _("This phone could not store the scan. Its memory may be full. Use the list on paper."),
        "full": _(
            "This phone's memory is full. It works while there is a network. Delete something from it, or take another phone."
        ),
        "scanner_layout": _(
            "What the scanner typed is no code of ours. If every badge says this, set the scanner's keyboard to US English."
        ),
        "needs_https": _("The door app needs a secure address (https). Ask the organiser for one."),
        "no_memory": _(
            "This browser lets pages store nothing, perhaps because it is in private mode. Use a normal window."
        ),
        "old_browser": _("This browser is too old for the door app. Use Chrome 100, Safari 16 or newer."),
    }


def _enrolment() -> dict[str, str]:
    return {
        "checkpoint": _("Checkpoint"),
        "meeting": _("Meeting"),
        "device": _("This phone"),
        "works_until": _("Works until"),
        "may": _("It may"),
        "scope_children": _("see children by their chosen names"),
        "scope_evacuation": _("hold the list of who is inside"),
        "scope_desk": _("take walk-ins"),
        "scope_none": _("check people in and out"),
        "people": _("People on the list"),
        "list_of": _("The list is from"),
        "fetching": _("Fetching the list of people…"),
        "ready": _("Ready without network: %(n)s people"),
        "ready_online": _(
            "The list of people did not come. The phone works while there is a network, and tries again."
        ),
        "unknown_title": _("This phone is no door"),
        "unknown": _("Scan an enrolment code: an organiser makes one on the page of checkpoints."),
        "revoked_title": _("This phone was signed off"),
        "revoked": _("An organiser ended its key. The list of people is deleted from this phone."),
        "expired_title": _("The time of this door is over"),
        "expired": _("Its key has expired. The list of people is deleted from this phone."),
        "still_waiting": _("Scans that still wait: %(n)s. Leave this page open: they go out by themselves."),
        "failed": _("The server did not answer. Try again."),
        "no_name": _("no name known"),
    }


def _people() -> dict[str, str]:
    return {
        "focal_point": _("See focal point"),
        "nobody": _("Nobody of that name is on the list. Try another part of the name."),
        "more": _("And %(n)s more. Type more letters."),
        "handover_child": _("Which child?"),
        "handover_adult": _("Who takes over %(name)s?"),
        "no_children": _("No child is inside here, as far as this phone knows."),
        "no_adults": _("No adult is inside here whom this phone knows. Call the focal point."),
        "answers": _("answers for the child"),
        "goes_with": _("With whom does %(name)s leave?"),
        "left_with": _("Leaves with %(name)s"),
        "still_inside": _("Still inside: %(names)s"),
        "hand_over": _("Hand over to another adult"),
        "inside_as_of": _("Inside as far as this phone knows: %(n)s. Last news from the server: %(time)s."),
        "inside_own": _("Inside by this phone's own scans: %(n)s. No news from the server yet."),
        "inside_others": _("Not named on this phone, and to be counted too: %(n)s."),
        "gone": _("Probably outside"),
        "gone_why": _("A room still has them, but they left by an entrance after that. They are not counted above."),
        "nobody_inside": _("Nobody is inside, as far as this phone knows."),
        "unnamed": _("Somebody without a name on this phone"),
        "since": _("since"),
        "scan_entry": _("In"),
        "scan_exit": _("Out"),
        "scan_handover": _("Handover"),
        "scan_void": _("Undo"),
        "undone": _("Undone"),
        "walk_in": _("Walk-in"),
    }


def _camera() -> dict[str, str]:
    return {
        "no_camera": _("No camera here. Type the code, or use a scanner that types."),
        "camera_refused": _("The browser may not use the camera. Allow it in the address line, then try again."),
        "camera_taken": _("Another app uses the camera. Close that app, then try again."),
        "light_on": _("Light on"),
        "light_off": _("Light off"),
        "camera": _("Camera"),
    }
