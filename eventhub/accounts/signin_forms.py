"""Flask-Security's forms with our words, without "remember me", and with a limit for every field."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_security import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    MfRecoveryForm,
    ResetPasswordForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from wtforms import Field, Form
from wtforms.validators import StopValidation

from eventhub.accounts.settings import LONGEST_PASSWORD, SHORTEST_PASSWORD

# a field's name, in any of the forms: its label
WORDS = {
    "email": _("E-mail address"),
    "password": _("Password"),
    "new_password": _("New password"),
    "new_password_confirm": _("New password again"),
    "password_confirm": _("New password again"),
    "code": _("Code"),
    "credential": _("Passkey"),
}
LONGEST = {"email": 255, "code": 40, "credential": 20_000}


def ours(kind: type[Form], **words: Any) -> type[Form]:
    """A form class of the library whose fields carry our labels and limits."""

    class Ours(kind):
        remember = None  # a session ends after idle hours; nothing outlives it

        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            for name, field in self._fields.items():
                label = words.get(name) or WORDS.get(name)
                if label is None:
                    continue
                field.label.text, field.description = label, ""
                field.validators = [_not_endless, *field.validators]
                if field.render_kw and field.render_kw.get("autocomplete") == "new-password":
                    field.description = "" if name.endswith("_confirm") else _LENGTH

    Ours.__name__ = kind.__name__
    return Ours


def _not_endless(_form: Form, field: Field) -> None:
    """Stop at once: what comes after (hashing, an address's grammar) costs time that grows with the text."""
    if isinstance(field.data, str) and len(field.data) > LONGEST.get(field.name, LONGEST_PASSWORD):
        raise StopValidation(_("This is too long."))
    if isinstance(field.data, str) and "\0" in field.data:
        raise StopValidation(_("There is a sign in this that no keyboard has. Write it again."))


_LENGTH = _("At least %(n)s characters. Four or five words are easy to keep in mind.", n=SHORTEST_PASSWORD)

FORMS: dict[str, Any] = {
    "login_form": ours(LoginForm),
    "forgot_password_form": ours(ForgotPasswordForm),
    "reset_password_form": ours(ResetPasswordForm, password=_("New password")),
    "change_password_form": ours(ChangePasswordForm, password=_("Present password")),
    "verify_form": ours(VerifyForm),
    "two_factor_verify_code_form": ours(TwoFactorVerifyCodeForm, code=_("Six digits from your app")),
    "mf_recovery_form": ours(MfRecoveryForm, code=_("Recovery code")),
}
