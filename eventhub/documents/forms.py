"""Forms of documents: what stands over the sheets to sign."""

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from eventhub.documents.queries_sheets import Reach
from eventhub.pages import PageForm

REACH = {Reach.LOCAL: _("local"), Reach.INTERNATIONAL: _("international"), Reach.UNKNOWN: _("unknown")}


class HeadForm(PageForm):
    project_line = StringField(
        _("Project line"),
        [Length(max=200)],
        description=_("What the donor wants to read, such as the project's name and number."),
    )
    logo = FileField(_("Logo"), description=_("A PNG or JPEG picture of at most 500 KB."))
    remove_logo = BooleanField(_("Print no logo any more"))
