"""Flask-Security's forms of passkeys: our labels, and answers of browsers that make no sense are refused, never an error."""

import logging
from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _
from flask_security import (
    WebAuthnDeleteForm,
    WebAuthnRegisterForm,
    WebAuthnRegisterResponseForm,
    WebAuthnSigninForm,
    WebAuthnSigninResponseForm,
    current_user,
)
from flask_security.utils import get_message
from sqlalchemy.exc import SQLAlchemyError
from wtforms import HiddenField

from eventhub.accounts.models import Passkey
from eventhub.accounts.passkeys import asked_at, named_as_told
from eventhub.accounts.signin_forms import ours
from eventhub.db import lock

log = logging.getLogger(__name__)
MOST = 20  # passkeys of one person: a page can show them, and nobody fills the table


class NewPasskeyForm(ours(WebAuthnRegisterForm, name=_("Name of this passkey"))):
    """The name; every passkey is a first factor, for it verifies its owner."""

    usage = HiddenField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.name.description = _("So that you know it again. For example: my phone, office laptop.")

    def validate(self, **more: Any) -> bool:
        self.usage.data = "first"
        if not super().validate(**more):
            return False
        if len(current_user.webauthn) >= MOST:
            self.name.errors.append(_("You have %(n)s passkeys. Remove one that you no longer use first.", n=MOST))
            return False
        return True


class RemovePasskeyForm(ours(WebAuthnDeleteForm, name=_("Name of this passkey"))):
    """Which one, by its name."""


class PasskeySigninForm(ours(WebAuthnSigninForm)):
    """The press on the button: it asks for nothing."""

    remember = HiddenField()  # the library reads it; a session ends after idle hours, nothing outlives it

    def validate(self, **more: Any) -> bool:
        self.remember.data = ""
        return super().validate(**more)


class NewPasskeyAnswerForm(ours(WebAuthnRegisterResponseForm)):
    """What the browser made."""

    def validate(self, **more: Any) -> bool:
        good = _sensible(self, lambda: super(NewPasskeyAnswerForm, self).validate(**more))
        self.extensions = None  # of no use to us, and whatever a browser likes
        return good


class PasskeyAnswerForm(ours(WebAuthnSigninResponseForm)):
    """What the browser signed, in order to sign in or to confirm that it is you."""

    remember = HiddenField()  # see PasskeySigninForm

    def validate(self, **more: Any) -> bool:
        self.remember.data = ""
        if not _sensible(self, lambda: super(PasskeyAnswerForm, self).validate(**more)) or self.credential.errors:
            return False
        # Lock, then look: each challenge is answered once, also by two requests at the same instant, and also where
        # an authenticator keeps no counter (most passkeys that are synchronised keep none).
        self.cred = lock(Passkey, self.cred.id)
        if self.cred is None or asked_at(self.challenge) <= self.cred.lastuse_datetime:
            log.warning("a passkey's answer was sent twice")
            self.credential.errors.append(get_message("WEBAUTHN_NO_VERIFY")[0])
            return False
        return True


def _sensible(form: Any, validate: Callable[[], bool]) -> bool:
    """The library's checks. They know some kinds of nonsense; any other must be a refusal too, not a fault of ours."""
    try:
        with named_as_told():
            return validate()
    except SQLAlchemyError:
        raise
    except (
        Exception
    ) as error:  # four parsers (JSON, CBOR, ASN.1, keys) read bytes of a stranger: each fails in its ways
        log.warning("a passkey's answer could not be read: %s", type(error).__name__)
        form.credential.errors = [get_message("WEBAUTHN_NO_VERIFY")[0]]
        return False


FORMS: dict[str, Any] = {
    "wan_register_form": NewPasskeyForm,
    "wan_register_response_form": NewPasskeyAnswerForm,
    "wan_signin_form": PasskeySigninForm,
    "wan_signin_response_form": PasskeyAnswerForm,
    "wan_delete_form": RemovePasskeyForm,
}
