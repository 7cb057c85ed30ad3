"""When the library for passkeys (webauthn, with its parsers of certificates) is loaded: at their first use.

It takes 7 MB in every process, at rest too, and most processes never see a passkey. Flask-Security does without it when
it cannot be imported; so we import Flask-Security first, as if it were missing, and complete it later. Whoever imported
Flask-Security before this module has the library already, and ``load`` does nothing.
"""

import importlib
import sys
import threading

_loading = threading.Lock()

if "flask_security" not in sys.modules and "webauthn" not in sys.modules:
    sys.modules["webauthn"] = None  # type: ignore[assignment]  # Python's own mark for "cannot be imported"
    try:
        import flask_security  # noqa: F401  (only that it is loaded)
    finally:
        del sys.modules["webauthn"]


def load() -> None:
    """Have the library in Flask-Security's modules; call it before anything that reads or makes a passkey."""
    from flask_security import webauthn, webauthn_util

    with _loading:
        if not hasattr(webauthn, "webauthn"):
            # their functions, which are views already, read these modules' names anew each time
            importlib.reload(webauthn_util)
            importlib.reload(webauthn)
