"""A signal that comes before the server listens to signals stops it all the same."""

import signal

import pytest
import uvicorn

from khalsi.embedded.server import serve_until_stopped


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
