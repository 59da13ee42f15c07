"""Promise 16 in short, and what calls to users' addresses keep: the name, the certificate, size and time."""

import datetime
import random
import socket
import ssl
import threading
import time
from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from benchmarks.reliability import inner_addresses as attacks
from core.lib.errors import SourceUnavailable
from core.net.guard import AddressRefused, OutsideClient, Rules, place_of, rules
from khalsi.settings import outside

STRICT = Rules()


@pytest.fixture
def attack():
    with attacks.an_attack() as attack:
        yield attack


@pytest.fixture
def local(httpserver: HTTPServer) -> OutsideClient:
    return a_client(httpserver.port)


def a_client(port: int, **options) -> OutsideClient:
    options = {
        "resolve": lambda host, port: ["127.0.0.1"],
        "read_timeout": 0.5,
        "total_timeout": 1.0,
        **options,
    }
    return OutsideClient(Rules(inner=frozenset({("127.0.0.1", port)})), **options)


def test_no_spelling_of_a_special_address_is_connected_to(attack):
    addresses = [IPv4Address("127.0.0.1"), *attacks.special_addresses(random.Random(1), 0)]
    said = attacks.by_spelling(attack, addresses)
    assert attack.reached == 0 and attack.open.connections == 0
    assert set(said) <= {"AddressRefused", "SourceUnavailable"}


def test_no_name_that_leads_inside_is_connected_to(attack):
    said = attacks.by_name(attack, list(attacks.special_addresses(random.Random(1), 0)))
    assert attack.reached == 0 and attack.open.connections == 0
    assert set(said) == {"AddressRefused"}


def test_a_name_is_looked_up_once_and_redirects_are_not_followed(attack):
    assert set(attacks.by_rebinding(attack, 8)) == {"200", "AddressRefused"}
    assert set(attacks.by_redirect(attack, [301, 307])) == {"301", "307"}
    assert attack.reached == 0 and attack.open.connections > 0


def test_without_the_guard_the_same_spellings_reach_inside(attack):
    assert attacks.unguarded(attack) > 3


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.com/", "https://"),
        ("ftp://example.com/", "such as"),
        ("https://example.com:22/", "Use port"),
        ("https://example.com:70000/", "such as"),
        ("https://user:pw@example.com/", "without a user name"),
        ("https://example.com/a b", "spaces"),
        ("https://example.com/a\nHost: x", "spaces"),
        ("https://example.com\\@127.0.0.1/", "backslashes"),
        ("https://example.com/é", "percent codes"),
        ("https:///hook", "such as"),
        ("//example.com/", "such as"),
        ("https://exa_mple..com/", "cannot be"),
        ("https://-example.com/", "cannot be"),
        ("https://[fe80::1%25eth0]/", "cannot be|zone|such as"),
        ("https://0x7f.1/", "four plain numbers"),
        ("https://2130706433/", "four plain numbers"),
        ("https://example.com/" + "a" * 2048, "at most"),
    ],
)
def test_a_url_that_is_not_plain_is_refused_with_what_to_do(url, says):
    with pytest.raises(AddressRefused, match=says) as refusal:
        place_of(url, STRICT)
    assert [one.field for one in refusal.value.details] == ["url"]


def test_a_host_has_one_spelling():
    hosts = ["https://EXAMPLE.com./x", "https://example.com", "https://ｅxample.com/?q=1"]
    assert {place_of(url, STRICT).host for url in hosts} == {"example.com"}
    assert place_of("https://bücher.example/", STRICT).host == "xn--bcher-kva.example"


def test_the_secret_part_of_a_url_is_in_no_repr():
    assert "token" not in repr(place_of("https://example.com/token?token=1", STRICT))


def test_the_operator_may_allow_plain_http_and_never_inner_addresses_in_production(monkeypatch, settings):
    settings.OUTSIDE_HTTP, settings.OUTSIDE_INNER = True, [("127.0.0.1", 9000)]
    assert place_of("http://example.com/", rules()).port == 80
    assert rules().inner == {("127.0.0.1", 9000)}
    monkeypatch.setenv("OUTSIDE_INNER", "127.0.0.1:9000,[::1]:1")
    assert outside._inner() == [("127.0.0.1", 9000), ("::1", 1)]
    monkeypatch.setattr(outside.env, "DEBUG", False)
    with pytest.raises(outside.ImproperlyConfigured, match="OUTSIDE_INNER: with DEBUG off"):
        outside._inner()


@pytest.mark.parametrize("word", ["localhost:1", "127.0.0.1", "127.0.0.1:x"])
def test_an_inner_address_is_written_out_with_its_port(monkeypatch, word):
    monkeypatch.setenv("OUTSIDE_INNER", word)
    with pytest.raises(outside.ImproperlyConfigured, match="OUTSIDE_INNER: write addresses with their ports"):
        outside._inner()


def test_the_body_goes_out_byte_for_byte_under_the_name(local: OutsideClient, httpserver: HTTPServer):
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        request.get_data()
        seen.append(request)
        return Response("thanks", 202)

    httpserver.expect_request("/hook").respond_with_handler(answer)
    reply = local.post(f"http://hooks.example:{httpserver.port}/hook?a=%20b", b'{"a": 1}', {"X-One": "1"})
    assert (reply.status, reply.body) == (202, b"thanks")
    (request,) = seen
    assert request.get_data() == b'{"a": 1}' and request.headers["X-One"] == "1"
    assert request.host == f"hooks.example:{httpserver.port}" and request.query_string == b"a=%20b"


def test_a_large_answer_is_read_up_to_the_limit(httpserver: HTTPServer):
    httpserver.expect_request("/").respond_with_data(b"x" * 100_000, status=200)
    reply = a_client(httpserver.port, max_bytes=1000).post(httpserver.url_for("/"), b"", {})
    assert (reply.status, len(reply.body)) == (200, 1000)


def test_who_drips_is_cut_off():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                try:
                    while True:
                        connection.sendall(b"H")
                        time.sleep(0.05)
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        port = listener.getsockname()[1]
        with pytest.raises(SourceUnavailable, match="did not answer in time"):
            a_client(port, total_timeout=0.4).post(f"http://127.0.0.1:{port}/", b"", {})
        thread.join(5)


def test_a_name_server_that_never_answers_holds_nobody_up():
    forever = threading.Event()

    def never(host: str, port: int) -> list[str]:
        forever.wait(5)
        return []

    with pytest.raises(SourceUnavailable, match="took too long to look up"):
        a_client(1, resolve=never, connect_timeout=0.1).post("https://slow.example/", b"", {})
    forever.set()


def test_failures_name_the_host_and_never_the_path(httpserver: HTTPServer):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SourceUnavailable, match=r"hooks.example could not be reached") as error:
        a_client(port).post(f"http://hooks.example:{port}/secret", b"", {})
    assert "secret" not in str(error.value) and error.value.__cause__ is None


def test_the_certificate_is_checked_against_the_name(tmp_path):
    certificate, key = a_certificate(tmp_path, "hooks.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(ssl_context=context)
    server.expect_request("/").respond_with_data("ok")
    server.start()
    try:
        client = a_client(server.port, authorities=str(certificate), total_timeout=5.0, read_timeout=5.0)
        assert client.post(f"https://hooks.example:{server.port}/", b"", {}).status == 200
        with pytest.raises(SourceUnavailable, match=r"other\.example could not be reached safely"):
            client.post(f"https://other.example:{server.port}/", b"", {})
        with pytest.raises(SourceUnavailable, match="certificate was refused"):
            a_client(server.port, total_timeout=5.0).post(f"https://hooks.example:{server.port}/", b"", {})
    finally:
        server.stop()


def a_certificate(folder, name: str):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return certificate_file, key_file
