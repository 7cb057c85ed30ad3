"""A device that keeps a passkey, in Python: it answers as WebAuthn Level 2 says, or wrongly where a test asks for that."""

import base64
import hashlib
import json
import re
import secrets
from html import unescape

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PASSKEYS = "/staff/account/passkeys"
SIGN_IN = "/staff/account/sign-in/passkey"
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Device:
    """One passkey. Its facts may be changed between two answers."""

    def __init__(self, origin: str = "http://localhost") -> None:
        self.key, self.ident, self.owner = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(32), ""
        self.origin, self.host = origin, None  # None: whatever the site says
        self.flags, self.count = PRESENT | VERIFIED, 1

    def make(self, options: dict) -> str:
        """The answer to navigator.credentials.create()."""
        self.owner = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.ident).to_bytes(2, "big") + self.ident + cbor2.dumps(public)
        data = self._data(options["rp"]["id"], ATTESTED) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        told = self._told("webauthn.create", options)
        return self._answer(attestationObject=coded(made), clientDataJSON=coded(told), transports=["internal"])

    def sign(self, options: dict) -> str:
        """The answer to navigator.credentials.get()."""
        self.count += 1
        data, told = self._data(options["rpId"]), self._told("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            authenticatorData=coded(data), clientDataJSON=coded(told), signature=coded(signature), userHandle=self.owner
        )

    def _data(self, host: str, more: int = 0) -> bytes:
        named = hashlib.sha256((self.host or host).encode()).digest()
        return named + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _told(self, kind: str, options: dict) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _answer(self, **response) -> str:
        ident = coded(self.ident)
        return json.dumps({"id": ident, "rawId": ident, "type": "public-key", "response": response, "extensions": "{}"})


def asked(answer) -> tuple[str, dict]:
    """Where a page of ours sends what the browser answers, and what the browser is asked."""
    form = re.search(r'<form method="post" action="([^"]+)" data-passkey-options="([^"]+)"', answer.text)
    assert form, answer.text
    return unescape(form[1]), json.loads(unescape(form[2]))


def add(browser, device: Device, name: str = "my phone"):
    """Add a passkey as the page does; the last answer."""
    address, options = asked(browser.post(PASSKEYS, data={"name": name}))
    return browser.post(address, data={"credential": device.make(options)})


def sign_in_with(browser, device: Device, **form):
    """Sign in with it as the page does; the last answer."""
    address, options = asked(browser.post(SIGN_IN, data=form))
    return browser.post(address, data={"credential": device.sign(options)})
