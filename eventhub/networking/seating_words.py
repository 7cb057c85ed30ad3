"""Why somebody is not seated, in sentences for the organisers."""

from flask_babel import gettext as _

from eventhub.networking.states_seating import Bar, NoSeat


def bar(why: Bar | str) -> str:
    """What stands in the way of a seat; "" for a word that this version does not know."""
    words = {
        Bar.GONE: _("One of the two does not take part any more, or is not to be named."),
        Bar.NOT_AGREED: _("One of the two does not agree to be seated any more."),
        Bar.HAVE_ONE: _("They have a 1:1 meeting with each other, or one of them has asked for it."),
        Bar.SAID_NO: _("One of the two said no to a 1:1 meeting with the other."),
        Bar.ENOUGH: _("One of the two has as many 1:1 meetings as they want."),
        Bar.NO_SLOT: _("This time is over, or its window was taken away."),
        Bar.BUSY: _("One of the two has something else at this time."),
        Bar.NO_TABLE: _("No table is free at this time."),
    }
    return words[Bar(why)] if why in list(Bar) else ""


def nobody(why: NoSeat | str) -> str:
    """Why somebody who agreed sits with nobody."""
    words = {
        NoSeat.NO_WISH: _("Nobody on their list takes part in this, and nobody wishes to meet them."),
        NoSeat.OTHERS_NOT_AGREED: _("Whom they wish to meet did not agree to be seated, or has enough already."),
        NoSeat.HAVE_ALL: _("They have a 1:1 meeting with everybody who was possible, or as many as they want."),
        NoSeat.NO_TIME: _("There is no time with a free table in which both are free."),
        NoSeat.OTHERS_FIRST: _(
            "The times, the tables or the people they wish for went to others, so that as many as possible have one."
        ),
    }
    return words[NoSeat(why)] if why in list(NoSeat) else ""
