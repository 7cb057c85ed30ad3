"""The words of each consent, for the guardian and for the child, under one version.

Whoever changes a text raises VERSION: an answer is stored with the version that was read.
"""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from eventhub.safeguarding.models import Purpose

VERSION = "2026-1"

# a short name, for lists and for what is still missing
NAMES: dict[Purpose, LazyString] = {
    Purpose.PARTICIPATION: _("taking part"),
    Purpose.TRAVEL: _("travel"),
    Purpose.MEDICAL: _("medical help"),
    Purpose.PHOTO_INTERNAL: _("photos for the people of the meeting"),
    Purpose.PHOTO_PUBLIC: _("photos for everybody"),
    Purpose.NAMING: _("being named"),
    Purpose.QUOTING: _("being quoted"),
    Purpose.TRANSFER: _("sending details abroad"),
    Purpose.LATER_CONTACT: _("being asked later"),
}

FOR_GUARDIAN: dict[Purpose, LazyString] = {
    Purpose.PARTICIPATION: _("May the child take part in this meeting?"),
    Purpose.TRAVEL: _("May the child travel to the meeting and back with the adult who is named for this?"),
    Purpose.MEDICAL: _("May the child get medical help when it is needed, if nobody can reach you in time?"),
    Purpose.PHOTO_INTERNAL: _("May photos with the child be shown to the people who took part, and to nobody else?"),
    Purpose.PHOTO_PUBLIC: _("May photos with the child be published, for example in a report or on a website?"),
    Purpose.NAMING: _("May the child's chosen name be written in reports?"),
    Purpose.QUOTING: _("May what the child says be quoted, without the name?"),
    Purpose.TRANSFER: _("May the details that are needed for travel be sent to the country of the meeting?"),
    Purpose.LATER_CONTACT: _("May we write to you after the meeting, to ask how things went on?"),
}

FOR_CHILD: dict[Purpose, LazyString] = {
    Purpose.PARTICIPATION: _("Do you want to take part in this meeting?"),
    Purpose.TRAVEL: _("Do you want to travel there with the adult who comes with you?"),
    Purpose.MEDICAL: _("If you are ill or hurt, may a doctor or nurse help you?"),
    Purpose.PHOTO_INTERNAL: _("May people who were there see photos with you in them?"),
    Purpose.PHOTO_PUBLIC: _("May photos with you in them be shown to everybody, for example on a website?"),
    Purpose.NAMING: _("May we write the name you chose in reports?"),
    Purpose.QUOTING: _("May we write down something you said, without your name?"),
    Purpose.TRANSFER: _("May your travel details be sent to the country where the meeting is?"),
    Purpose.LATER_CONTACT: _("May we ask you later how things went on?"),
}

FOR_SELF: dict[Purpose, LazyString] = {
    Purpose.PHOTO_INTERNAL: _("May photos with you in them be shown to the people who took part?"),
    Purpose.PHOTO_PUBLIC: _("May photos with you in them be published, for example in a report or on a website?"),
}
