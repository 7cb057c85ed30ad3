"""Flask-Security's settings (it reads them from the app's configuration), and its sentences in our words."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub import clock
from eventhub.config import Config

SHORTEST_PASSWORD = 12  # characters; NIST SP 800-63B asks for length, not for odd signs
LONGEST_PASSWORD = 1000  # hashing more than that only costs time
FRESH = {"within": 30, "grace": 10}  # minutes since the person signed in; and to finish what was begun

FIXED: dict[str, Any] = {
    "URL_PREFIX": "/staff/account",
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "RESET_URL": "/password/forgotten",
    "CHANGE_URL": "/password",
    "VERIFY_URL": "/confirm",
    "TWO_FACTOR_SETUP_URL": "/second-factor",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/code",
    "TWO_FACTOR_RESCUE_URL": "/code/help",
    "MULTI_FACTOR_RECOVERY_URL": "/code/recovery",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/recovery-codes",
    "API_ENABLED_METHODS": ["session"],  # our own tokens are read by the guard
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    # OWASP's second setting (19 MiB, 2 passes): eight people who sign in at once must not fill a small server's memory
    "PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__memory_cost": 19456,
        "argon2__rounds": 2,
        "argon2__parallelism": 1,
    },
    # in links that set a password; the library's own choice is computed in Python and takes a web process 0.2 s
    "HASHING_SCHEMES": ["pbkdf2_sha256"],
    "DEPRECATED_HASHING_SCHEMES": [],
    "PASSWORD_SINGLE_HASH": True,
    "PASSWORD_SALT": "eventhub",  # argon2 salts by itself; the library wants a value
    "PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
    "POST_LOGIN_VIEW": "/staff/",
    "POST_LOGOUT_VIEW": "/staff/account/sign-in",
    "POST_CHANGE_VIEW": "/staff/account",
    "REGISTERABLE": False,
    "RECOVERABLE": True,
    "CHANGEABLE": True,
    "TRACKABLE": True,
    "DATETIME_FACTORY": clock.now,
    "RESET_PASSWORD_WITHIN": timedelta(hours=1),  # from opening our own link, which lasts longer
    "SEND_PASSWORD_RESET_EMAIL": True,
    "SEND_PASSWORD_RESET_NOTICE_EMAIL": True,
    "SEND_PASSWORD_CHANGE_EMAIL": True,
    "EMAIL_PLAINTEXT": False,  # our letters are made by mail.service, not by the library's templates
    "EMAIL_HTML": False,
    "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},  # never depends on the network
    "RETURN_GENERIC_RESPONSES": True,  # nobody learns from a form who has an account
    "TWO_FACTOR": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,  # seconds: one code before and one after (RFC 6238, 5.2)
    "TWO_FACTOR_RESCUE_EMAIL": False,  # a mailbox must not open both locks
    "TWO_FACTOR_POST_SETUP_VIEW": "/staff/account",
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "MULTI_FACTOR_RECOVERY_CODES_N": 8,
    "TOTP_ISSUER": "EventHub",
    "FRESHNESS": timedelta(minutes=FRESH["within"]),
    "FRESHNESS_GRACE_PERIOD": timedelta(minutes=FRESH["grace"]),
    "WEBAUTHN": True,
    "WAN_RP_NAME": "EventHub",
    "WAN_REGISTER_URL": "/passkeys",
    "WAN_DELETE_URL": "/passkeys/remove",
    "WAN_SIGNIN_URL": "/sign-in/passkey",
    "WAN_VERIFY_URL": "/confirm/passkey",
    "WAN_REGISTER_TIMEOUT": 300_000,  # milliseconds: somebody may have to find the key, or read the question twice
    "WAN_SIGNIN_TIMEOUT": 300_000,
    "WAN_REGISTER_WITHIN": timedelta(minutes=6),
    "WAN_SIGNIN_WITHIN": timedelta(minutes=6),
    "WAN_ALLOW_USER_HINTS": False,  # nobody types an address, so nobody learns who has an account
    "WAN_ALLOW_AS_FIRST_FACTOR": True,
    "WAN_ALLOW_AS_MULTI_FACTOR": True,
    "WAN_ALLOW_AS_VERIFY": ["first"],
    "TWO_FACTOR_IMPLEMENTATIONS": {
        "code": "flask_security.twofactor.CodeTfPlugin",
        "webauthn": "eventhub.accounts.passkeys.PasskeyStep",
    },
}

_NO_PASSKEY = (  # the same for every reason: whoever tries learns nothing
    _("This passkey was not accepted. Try again, use another passkey, or sign in with your password."),
    "error",
)

SENTENCES: dict[str, tuple[Any, str]] = {
    "GENERIC_AUTHN_FAILED": (_("The e-mail address or the password is not right. Look at both."), "error"),
    "PASSWORD_RESET_REQUEST": (
        _("If this address has an account, a letter with a link is on its way. Look into your mailbox."),
        "info",
    ),
    "PASSWORD_RESET_EXPIRED": (_("The link was open for too long. Ask for a new one here."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (_("This link was used already. Ask for a new one here."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (_("Your password is set. Sign in with it now."), "success"),
    "PASSWORD_CHANGE": (_("Your password was changed. Other browsers were signed out."), "success"),
    "PASSWORD_IS_THE_SAME": (_("This is your present password. Choose another one."), "error"),
    "PASSWORD_INVALID_LENGTH": (_("Choose a password of at least %(length)s characters."), "error"),
    "PASSWORD_NOT_PROVIDED": (_("Write your password here."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (_("The two passwords differ. Write the same one twice."), "error"),
    "INVALID_PASSWORD": (_("This is not your password."), "error"),
    "EMAIL_NOT_PROVIDED": (_("Write your e-mail address here."), "error"),
    "INVALID_EMAIL_ADDRESS": (_("This is not a whole e-mail address, such as ana@example.org."), "error"),
    "DISABLED_ACCOUNT": (_("This account is closed. Ask an administrator if that is a mistake."), "error"),
    "REAUTHENTICATION_REQUIRED": (
        _("This page is well guarded: write your password once more, or use a passkey."),
        "info",
    ),
    "REAUTHENTICATION_SUCCESSFUL": (_("Thank you. Go on."), "info"),
    "UNAUTHENTICATED": (_("Sign in to open this page."), "info"),
    "ANONYMOUS_USER_REQUIRED": (_("You are signed in already."), "info"),
    "TWO_FACTOR_INVALID_TOKEN": (_("This code is not right, or too old. Wait for the next one in your app."), "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("You are signed in."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        _("Your second factor is set. Make recovery codes too: they help when your phone is lost."),
        "success",
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (_("Begin again with your e-mail address and password."), "info"),
    "TWO_FACTOR_DISABLED": (_("Your second factor is off."), "success"),
    "TWO_FACTOR_SETUP_EXPIRED": (_("This took too long. Begin again with a new picture."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_("This is not offered here."), "error"),
    "INVALID_RECOVERY_CODE": (_("This recovery code is not right, or was used already."), "error"),
    "NO_RECOVERY_CODES_SETUP": (_("You have no recovery codes yet. Make them here."), "info"),
    "WEBAUTHN_EXPIRED": (_("This took too long. Begin again."), "error"),
    "WEBAUTHN_NAME_REQUIRED": (_("Write a name for this passkey here."), "error"),
    "WEBAUTHN_NAME_INUSE": (_("You have a passkey with this name already. Choose another name."), "error"),
    "WEBAUTHN_NAME_NOT_FOUND": (_("This passkey was removed already."), "info"),
    "WEBAUTHN_CREDENTIAL_DELETED": (
        _("The passkey was removed here. Delete it on your device too, so that it is not offered again."),
        "success",
    ),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (_("The passkey was added. You can sign in with it from now on."), "success"),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (_("This passkey is known here already."), "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": _NO_PASSKEY,
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": _NO_PASSKEY,
    "WEBAUTHN_NO_VERIFY": _NO_PASSKEY,
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": _NO_PASSKEY,
    "WEBAUTHN_MISMATCH_USER_HANDLE": _NO_PASSKEY,
    "API_ERROR": (_("This page was open for too long. Begin again."), "error"),
}


def of(config: Config) -> dict[str, Any]:
    """All of Flask-Security's settings, with keys of their own derived from the sealing key."""
    return {
        **{f"SECURITY_{name}": value for name, value in FIXED.items()},
        **{f"SECURITY_MSG_{name}": value for name, value in SENTENCES.items()},
        "SECURITY_TOTP_SECRETS": {"1": _key(config, "totp").hex()},
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [base64.urlsafe_b64encode(_key(config, "recovery"))],
    }


def _key(config: Config, purpose: str) -> bytes:
    return hashlib.sha256(f"{purpose}:{config.sealing_key}".encode()).digest()
