"""What staff type about a letter."""

from flask_babel import lazy_gettext as _
from wtforms import EmailField
from wtforms.validators import DataRequired, Length

from eventhub.mail.addresses import LONGEST
from eventhub.pages import PageForm


class AddressForm(PageForm):
    """Another address for a letter that did not arrive."""

    to_email = EmailField(
        _("E-mail address"), [DataRequired(_("Write the address that the letter should go to.")), Length(max=LONGEST)]
    )
