"""How the mail server is spoken to: names and passwords, TLS, and what is said when either is wrong."""

import ssl
from datetime import timedelta
from ipaddress import ip_address

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eventhub import clock, up
from eventhub.mail.post import AwayError, Post
from eventhub.mail.states import NO_ANSWER, NO_TLS, WRONG_LOGIN

pytestmark = pytest.mark.once
LETTER = b"Subject: x\r\n\r\n.begins with a dot\r\n..two\r\nend"


class Keeper:
    def __init__(self) -> None:
        self.kept: list[bytes] = []

    async def handle_DATA(self, _server, _session, envelope) -> str:
        self.kept.append(envelope.content)
        return "250 kept"


def check_login(_server, _session, _envelope, _mechanism, data) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"hub@x", b"p@ss:w/rd"), handled=False)


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """A certificate for 127.0.0.1 that nobody trusts, unless SSL_CERT_FILE says so."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def serve():
    """``serve(**options)`` starts a mail server; returns its keeper and port."""
    running = []

    def start(**options):
        controller = Controller(Keeper(), hostname="127.0.0.1", port=up.free_port(), **options)
        controller.start()
        running.append(controller)
        return controller.handler, controller.port

    yield start
    for controller in running:
        controller.stop()


def deliver(url: str) -> None:
    with Post(url, "hub.example") as post:
        post.send("hub@hub.example", "dara@network.example", LETTER, plain=True)


def tls(path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_lines_that_begin_with_a_dot_arrive_as_they_are(serve):
    keeper, port = serve()
    deliver(f"smtp://127.0.0.1:{port}")
    assert keeper.kept == [LETTER + b"\r\n"]


def test_a_name_and_password_from_the_address(serve, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    keeper, port = serve(tls_context=tls(certificate), authenticator=check_login, auth_required=True)
    deliver(f"smtp+starttls://hub%40x:p%40ss%3Aw%2Frd@127.0.0.1:{port}")
    assert len(keeper.kept) == 1
    with pytest.raises(AwayError) as away:
        deliver(f"smtp+starttls://hub%40x:wrong@127.0.0.1:{port}")
    assert str(away.value) == WRONG_LOGIN and len(keeper.kept) == 1


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_tls_with_a_certificate_that_is_trusted_and_one_that_is_not(serve, certificate, monkeypatch, scheme):
    context = tls(certificate)
    if scheme == "smtps":
        keeper, port = serve(ssl_context=context)
    else:
        keeper, port = serve(tls_context=context, require_starttls=True)
    with pytest.raises(AwayError) as away:
        deliver(f"{scheme}://127.0.0.1:{port}")
    assert str(away.value) == NO_TLS and keeper.kept == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    deliver(f"{scheme}://127.0.0.1:{port}")
    assert len(keeper.kept) == 1


def test_a_server_without_tls_is_never_spoken_to_in_the_clear(serve):
    keeper, port = serve()
    with pytest.raises(AwayError, match="reached"):
        deliver(f"smtp+starttls://127.0.0.1:{port}")
    with pytest.raises(AwayError) as away:
        deliver(f"smtp://127.0.0.1:{up.free_port()}")
    assert str(away.value) == NO_ANSWER and keeper.kept == []
