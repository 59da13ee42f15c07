"""Each kind of channel: what goes over the wire, and what an answer means."""

import base64
import hashlib
import hmac
import smtplib
from datetime import UTC, datetime

import pytest

from alerts.channels import CHANNELS, offered
from alerts.channels.base import Happening, Message, Outcome, Target
from alerts.channels.signing import new_secret, signed_headers
from core.lib.errors import BadInput, SourceUnavailable
from core.net.guard import AddressRefused, OutsideClient, rules
from tests.fakes.receivers import Misbehaviour

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOSTILE = (
    "@everyone <@123> <!channel> [x](https://evil.example) *b* _i_ `c` ~s~ & <b>\u202e\x07 https://e.example"
)
SECRET = new_secret()


def a_happening(number: int = 0, **fields) -> Happening:
    said = {
        "id": f"event-{number}",
        "kind": "price_above",
        "sentence": "SOL is above 100 USD: 101 USD.",
        "note": "",
        "symbol": "SOL",
        "fired_at": AT,
        "values": {"value": 101.0},
        "link": "https://khalsi.example/tokens/SOL",
    }
    return Happening(**{**said, **fields})


def a_message(*happenings: Happening, **fields) -> Message:
    happenings = happenings or (a_happening(),)
    kind = "alert" if len(happenings) == 1 else "digest"
    said = {"id": "m-1", "kind": kind, "title": happenings[0].sentence, "at": AT, "link": happenings[0].link}
    return Message(**{**said, "happenings": happenings, "market": "simulated market", **fields})


def send(kind: str, receiver, message: Message | None = None, patience: float = 60.0) -> Outcome:
    address = {
        "discord": receiver.discord_url,
        "slack": receiver.slack_url,
        "telegram": "4711",
        "webhook": receiver.webhook_url,
    }[kind]
    post = OutsideClient(rules(), read_timeout=patience, total_timeout=2 * patience).post
    return CHANNELS[kind].send(Target(address, (SECRET,)), message or a_message(), post)


HOOKS = ("discord", "slack", "telegram", "webhook")


@pytest.mark.parametrize("kind", HOOKS)
def test_a_message_is_taken_and_says_what_happened(kind, receiver):
    outcome = send(kind, receiver)
    assert (outcome.result, outcome.status in {200, 204}) == ("sent", True)
    (got,) = receiver.got(kind)
    assert "SOL is above 100 USD" in got.body.decode() and "simulated market" in got.body.decode()


@pytest.mark.parametrize("kind", HOOKS)
def test_a_storm_of_long_hostile_notes_fits_and_mentions_nobody(kind, receiver):
    storm = [a_happening(number, sentence=HOSTILE * 3, note=HOSTILE + "x" * 150) for number in range(60)]
    message = a_message(*storm) if kind != "webhook" else a_message(storm[0])
    assert send(kind, receiver, message).result == "sent"
    (got,) = receiver.got(kind)
    text = str(got.json if kind != "webhook" else "")
    assert "\u202e" not in text and "\x07" not in text
    assert "<!channel>" not in text and "<b>\u202e" not in text
    if kind == "discord":
        assert got.json["allowed_mentions"] == {"parse": []} and "](https" not in text
    if kind == "slack":
        assert "&lt;!channel&gt;" in text
    if kind == "telegram":
        assert "&lt;!channel&gt;" in text and got.json["parse_mode"] == "HTML"


@pytest.mark.parametrize("kind", HOOKS)
@pytest.mark.parametrize(
    ("wrong", "result"),
    [
        (Misbehaviour(500), "later"),
        (Misbehaviour(503, retry_after=30), "later"),
        (Misbehaviour(302, location="http://127.0.0.1:1/"), "later"),
        (Misbehaviour(silent=True), "later"),
        (Misbehaviour(200, slow=1.2), "later"),
        (Misbehaviour(413), "refused"),
        (Misbehaviour(403, described="Forbidden: bot was blocked by the user"), "gone"),
        (Misbehaviour(410), "gone"),
    ],
    ids=str,
)
def test_what_an_answer_means(kind, wrong, result, receiver):
    receiver.answers(wrong)
    outcome = send(kind, receiver, patience=0.5 if wrong.silent or wrong.slow else 60.0)
    assert outcome.result == result and outcome.said
    if wrong.retry_after:
        assert outcome.retry_after >= 30


@pytest.mark.parametrize("kind", HOOKS)
def test_a_limit_says_when_to_come_back(kind, receiver):
    receiver.answers(Misbehaviour(429, retry_after=6.5))
    outcome = send(kind, receiver)
    assert outcome.result == "later"
    assert outcome.retry_after == (6.5 if kind in {"discord", "telegram"} else 7)


def test_a_deleted_webhook_of_discord_is_gone(receiver):
    receiver.answers(Misbehaviour(404))
    outcome = send("discord", receiver)
    assert (outcome.result, outcome.said) == ("gone", "Discord answered 404: Unknown Webhook")


@pytest.mark.parametrize("said", ["Bad Request: chat not found", "Bad Request: group chat was upgraded"])
def test_a_chat_that_is_gone_is_gone(said, receiver):
    receiver.answers(Misbehaviour(400, described=said))
    assert send("telegram", receiver).result == "gone"


def test_a_text_that_telegram_cannot_read_is_refused_and_its_chat_stays(receiver):
    receiver.answers(Misbehaviour(400, described="Bad Request: can't parse entities"))
    assert send("telegram", receiver).result == "refused"


def test_a_wrong_bot_token_is_no_fault_of_the_chat(receiver, settings):
    settings.TELEGRAM_BOT_TOKEN = "1:wrong"
    outcome = send("telegram", receiver)
    assert (outcome.result, outcome.holds_all) == ("later", True)
    assert "wrong" not in outcome.said


@pytest.mark.parametrize(
    "body", [b"", b"[" * 50_000, b"[1]", b'{"retry_after": true}', b'{"retry_after": 1e999}']
)
def test_an_answer_that_makes_no_sense_decides_nothing(body, receiver):
    receiver.answers(Misbehaviour(429, body=body))
    assert send("discord", receiver).retry_after is None


def test_a_webhook_is_signed_over_id_time_and_exact_body(receiver):
    send("webhook", receiver, a_message(a_happening(), id="event-0"))
    (got,) = receiver.got("webhook")
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{wanted}"
    assert got.headers["webhook-id"] == "event-0" and len(got.body) < 20_000
    assert got.json["type"] == "alert.triggered" and got.json["timestamp"] == "2026-11-20T12:00:00Z"
    assert got.json["data"]["event_id"] == "event-0" and got.json["data"]["values"] == {"value": 101.0}


def test_the_signature_is_that_of_the_published_example():
    """Of the specification's own libraries: secret, id, timestamp, body and what comes of them."""
    headers = signed_headers(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body=b'{"test": 2432232314}',
        at=datetime.fromtimestamp(1614265330, UTC),
        secrets_=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_sign_while_one_is_changed(receiver):
    target = Target(receiver.webhook_url, (SECRET, new_secret()))
    CHANNELS["webhook"].send(target, a_message(), OutsideClient(rules()).post)
    (got,) = receiver.got("webhook")
    assert [one[:3] for one in got.headers["webhook-signature"].split(" ")] == ["v1,", "v1,"]


def test_an_address_that_echoes_the_challenge_confirms_itself(receiver):
    receiver.echoes_challenges = True
    message = a_message(kind="verify", happenings=(), code="abcd2345")
    assert send("webhook", receiver, message).confirms
    receiver.echoes_challenges = False
    assert not send("webhook", receiver, message).confirms


def test_a_refused_address_is_gone_for_good():
    def refuse(url, body, headers):
        raise AddressRefused("leads inside")

    outcome = CHANNELS["webhook"].send(Target("https://x.example/", (SECRET,)), a_message(), refuse)
    assert (outcome.result, outcome.said) == ("gone", "leads inside")


def test_no_outcome_tells_the_secret_address():
    def fail(url, body, headers):
        raise SourceUnavailable("hooks.example could not be reached.")

    target = Target("https://hooks.example/top-secret", (SECRET,))
    outcome = CHANNELS["webhook"].send(target, a_message(), fail)
    assert (
        "top-secret" not in repr(outcome) and "top-secret" not in repr(target) and SECRET not in repr(target)
    )


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("discord", "https://discord.com/api/webhooks/1/x"),
        ("discord", "https://evil.example/api/webhooks/123456789012345678/" + "t" * 68),
        ("discord", "https://discord.com.evil.example/api/webhooks/123456789012345678/" + "t" * 68),
        ("discord", "https://discord.com/api/webhooks/123456789012345678/" + "t" * 68 + "/../../x"),
        ("discord", "https://discord.com:8443/api/webhooks/123456789012345678/" + "t" * 68),
        ("slack", "https://hooks.slack.com/other/T0/B0/abcdefghijkl"),
        ("slack", "http://hooks.slack.com/services/T0/B0/abcdefghijkl"),
        ("telegram", "@channel"),
        ("telegram", "0"),
        ("email", "no address"),
        ("email", "a@b.example\nBcc: c@d.example"),
        ("webhook", "http://example.com/"),
        ("webhook", "https://127.0.0.1.:22/"),
    ],
)
def test_an_address_that_cannot_be_is_refused(kind, written):
    with pytest.raises(BadInput) as refusal:
        CHANNELS[kind].place(written)
    assert [one.field for one in refusal.value.details] == ["address"]


@pytest.mark.parametrize(
    ("kind", "written", "shown"),
    [
        ("discord", "https://discord.com/api/webhooks/123456789012345678/" + "t" * 68, "Webhook …5678"),
        ("slack", "https://hooks.slack.com/services/T0ABC/B0WXYZ/abcdefghijklmnop", "Webhook …WXYZ"),
        ("telegram", "-1001234567890", "Chat …7890"),
        ("email", " Alice@Example.com ", "al…@example.com"),
        ("webhook", "https://hooks.example/a/secret?token=1", "https://hooks.example/…"),
    ],
)
def test_what_is_shown_of_an_address_is_no_secret(kind, written, shown):
    place = CHANNELS[kind].place(written)
    assert place.shown == shown and written.strip() not in repr(place)


def test_telegram_is_offered_where_there_is_a_bot(settings):
    settings.TELEGRAM_BOT_TOKEN = ""
    assert "telegram" not in offered()
    settings.TELEGRAM_BOT_TOKEN = "1:x"
    assert "telegram" in offered()


def test_mail_has_a_text_a_page_and_a_stable_id(mailoutbox, settings):
    settings.SITE_URL = "https://khalsi.example"
    message = a_message(a_happening(note="<b>buy</b>\nBcc: evil@example.com"))
    outcome = CHANNELS["email"].send(Target("alice@example.com"), message, None)
    (mail,) = mailoutbox
    assert outcome.result == "sent" and mail.to == ["alice@example.com"]
    assert mail.extra_headers["Message-ID"] == "<m-1@localhost>"
    assert mail.subject == "An alert of yours at Khalsi" and "SOL is above 100 USD" in mail.body
    page = mail.alternatives[0][0]
    assert "&lt;b&gt;buy" in page and "<b>buy" not in page and "not real" in page and "not real" in mail.body


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"no such user")}), "gone"),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"busy")}), "later"),
        (smtplib.SMTPDataError(451, b"later"), "later"),
        (smtplib.SMTPServerDisconnected("bye"), "later"),
        (ConnectionRefusedError(), "later"),
    ],
    ids=str,
)
def test_what_a_mail_server_says_means(error, result, monkeypatch):
    def fail(self, fail_silently=False):
        raise error

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    assert CHANNELS["email"].send(Target("a@b.example"), a_message(), None).result == result
