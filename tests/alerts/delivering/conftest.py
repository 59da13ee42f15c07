"""One receiver on loopback, which the operator lets messages reach, and two channels that lead there."""

import pytest

from tests.fakes.receivers import BOT_TOKEN, a_receiver
from tests.make.accounts import a_user
from tests.make.channels import a_channel


@pytest.fixture
def receiver(settings):
    with a_receiver() as receiver:
        settings.OUTSIDE_INNER = [("127.0.0.1", receiver.port)]
        settings.TELEGRAM_API_URL, settings.TELEGRAM_BOT_TOKEN = receiver.base, BOT_TOKEN
        yield receiver


@pytest.fixture
def hook(receiver):
    return a_channel(a_user("alice"), address=receiver.webhook_url)


@pytest.fixture
def chat(receiver):
    return a_channel(a_user("bob"), "telegram", address="4711")
