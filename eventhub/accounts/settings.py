"""Flask-Security's settings (it reads them from the app's configuration)."""

SECURITY_URL_PREFIX = "/staff/account"
SECURITY_PASSWORD_HASH = "argon2"  # noqa: S105  (the name of a method, not a password)
SECURITY_PASSWORD_SINGLE_HASH = True
SECURITY_PASSWORD_SALT = "eventhub"  # noqa: S105  (argon2 salts by itself; the library wants a value)
SECURITY_PASSWORD_LENGTH_MIN = 12
SECURITY_POST_LOGIN_VIEW = "/staff/"
SECURITY_POST_LOGOUT_VIEW = "/"
SECURITY_REGISTERABLE = False
SECURITY_RECOVERABLE = False
SECURITY_CHANGEABLE = True
SECURITY_TRACKABLE = True
SECURITY_TWO_FACTOR = False
SECURITY_SEND_REGISTER_EMAIL = False
SECURITY_SEND_PASSWORD_CHANGE_EMAIL = False
SECURITY_EMAIL_VALIDATOR_ARGS = {"check_deliverability": False}  # never depends on the network
SECURITY_RETURN_GENERIC_RESPONSES = True
