"""The words of each consent, for the guardian and for the child, under one version.

Whoever changes a text raises VERSION: an answer is stored with the version that was read, and with the language in
which it was shown. What is agreed to is in another language only once somebody has checked the translation.
"""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from eventhub.safeguarding.models import ConsentBy, Purpose
from eventhub.translated import Reviewed

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

FOR_GUARDIAN: dict[Purpose, Reviewed] = {
    Purpose.PARTICIPATION: Reviewed("May the child take part in this meeting?"),
    Purpose.TRAVEL: Reviewed("May the child travel to the meeting and back with the adult who is named for this?"),
    Purpose.MEDICAL: Reviewed("May the child get medical help when it is needed, if nobody can reach you in time?"),
    Purpose.PHOTO_INTERNAL: Reviewed(
        "May photos with the child be shown to the people who took part, and to nobody else?"
    ),
    Purpose.PHOTO_PUBLIC: Reviewed("May photos with the child be published, for example in a report or on a website?"),
    Purpose.NAMING: Reviewed("May the child's chosen name be written in reports?"),
    Purpose.QUOTING: Reviewed("May what the child says be quoted, without the name?"),
    Purpose.TRANSFER: Reviewed("May the details that are needed for travel be sent to the country of the meeting?"),
    Purpose.LATER_CONTACT: Reviewed("May we write to you after the meeting, to ask how things went on?"),
}

FOR_CHILD: dict[Purpose, Reviewed] = {
    Purpose.PARTICIPATION: Reviewed("Do you want to take part in this meeting?"),
    Purpose.TRAVEL: Reviewed("Do you want to travel there with the adult who comes with you?"),
    Purpose.MEDICAL: Reviewed("If you are ill or hurt, may a doctor or nurse help you?"),
    Purpose.PHOTO_INTERNAL: Reviewed("May people who were there see photos with you in them?"),
    Purpose.PHOTO_PUBLIC: Reviewed("May photos with you in them be shown to everybody, for example on a website?"),
    Purpose.NAMING: Reviewed("May we write the name you chose in reports?"),
    Purpose.QUOTING: Reviewed("May we write down something you said, without your name?"),
    Purpose.TRANSFER: Reviewed("May your travel details be sent to the country where the meeting is?"),
    Purpose.LATER_CONTACT: Reviewed("May we ask you later how things went on?"),
}

FOR_SELF: dict[Purpose, Reviewed] = {
    Purpose.PHOTO_INTERNAL: Reviewed("May photos with you in them be shown to the people who took part?"),
    Purpose.PHOTO_PUBLIC: Reviewed(
        "May photos with you in them be published, for example in a report or on a website?"
    ),
}

ACCEPTS_CODE = Reviewed("I have read the code of conduct and will keep to it.")
ACCEPTS_CODE_FOR_CHILD = Reviewed("The child and I have read the code of conduct and will keep to it.")

OF_SIDE = {ConsentBy.GUARDIAN: FOR_GUARDIAN, ConsentBy.CHILD: FOR_CHILD, ConsentBy.SELF: FOR_SELF}
REVIEWED = [*FOR_GUARDIAN.values(), *FOR_CHILD.values(), *FOR_SELF.values(), ACCEPTS_CODE, ACCEPTS_CODE_FOR_CHILD]
