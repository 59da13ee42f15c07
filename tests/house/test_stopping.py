"""A signal that comes before the server listens to signals stops it all the same."""

import signal
from contextlib import suppress

import pytest
import uvicorn

from khalsi.embedded.server import serve_until_stopped
from khalsi.management.commands.serve import Command


@pytest.fixture
def own_handlers():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_the_server_listens_to_signals_counts(monkeypatch, own_handlers, number):
    stopped = []

    def run(server):
        signal.raise_signal(number)
        stopped.append(server.should_exit)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    serve_until_stopped(lambda: False)
    assert stopped == [True]


@pytest.mark.parametrize("swallowed", [True, False])
def test_a_ctrl_c_that_something_swallowed_on_the_way_counts(monkeypatch, own_handlers, swallowed):
    stopped = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda server: stopped.append(server.should_exit))
    command = Command()
    command._note_ctrl_c()
    if swallowed:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    serve_until_stopped(lambda: command._interrupted)
    assert stopped == [swallowed]
