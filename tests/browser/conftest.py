"""A real Chromium before the real server: uvicorn in a thread, over the database of the test.

Playwright drives the browser from a loop in the test's own thread, where Django would refuse the ORM; the
flag below lifts that for these tests alone. What async code must do, a helper thread does (`aside`).
"""

import gc
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import uvicorn
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from core.lib.clock import wall_now
from tests.make.showcase import A_FEW, operations, showcase

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
DESK, PHONE = (1440, 900), (390, 844)
PATIENCE_MS = 15_000
OF_OTHERS = (
    "ignore::ResourceWarning",  # Django's ASGI handler closes bodies and files only by forgetting them
    "ignore:StreamingHttpResponse must consume synchronous iterators:Warning",  # whitenoise's files are such
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one worker: each browser costs more than what it would save."""
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings(*OF_OTHERS))
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One for all journeys, and gone with its loop before any other test."""
    program = os.environ.get("CHROMIUM_BIN") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        words = "No Chromium: install Debian's chromium and fonts-liberation, or name one in CHROMIUM_BIN."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(words)
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture
def now(chromium: Browser, transactional_db: None) -> datetime:
    """A market that looks alive just now."""
    moment = wall_now()
    showcase(moment, only=A_FEW)
    operations(moment, moment)
    return moment


@pytest.fixture
def site(now: datetime) -> Iterator[str]:
    """The address of a server, up for as long as the test."""
    from khalsi.asgi import application

    thresholds = gc.get_threshold()
    config = uvicorn.Config(application, ws="core.live.wire:Wire", lifespan="on", log_config=None)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    gc.unfreeze()
    gc.collect()
    gc.set_threshold(*thresholds)


@pytest.fixture
def complaints() -> list[str]:
    """What the console said: errors, and what the security policy refused."""
    return []


@pytest.fixture
def open_context(
    chromium: Browser, site: str, complaints: list[str]
) -> Iterator[Callable[..., BrowserContext]]:
    opened: list[BrowserContext] = []

    def open_context(size: tuple[int, int] = DESK, **options: Any) -> BrowserContext:
        viewport = {"width": size[0], "height": size[1]}
        context = chromium.new_context(base_url=site, viewport=viewport, **options)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", lambda message: _note(message, complaints))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in {"error", "warning"}:
        complaints.append(f"{message.type}: {message.text}")


@pytest.fixture
def page(open_context: Callable[..., BrowserContext], complaints: list[str]) -> Iterator[Page]:
    """A desk-sized page; the test fails if anything was complained about in the console."""
    yield open_context().new_page()
    assert complaints == []


def note_states(page: Page) -> None:
    """Keeps every word that the connection's state goes through: the next look may come too late to see one."""
    page.evaluate(
        """() => {
            const shown = document.getElementById("live-state");
            window.states = [];
            new MutationObserver(() => window.states.push(shown.textContent.trim()))
                .observe(shown, { childList: true, characterData: true, subtree: true });
        }"""
    )


def expect_state_seen(page: Page, state: str) -> None:
    wait_until(page, lambda: state in page.evaluate("window.states"))


def wait_until(page: Page, is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_MS / 1000
    while not is_so() and time.monotonic() < ends:
        page.wait_for_timeout(20)
    assert is_so()


def aside(work: Callable[[], object]) -> None:
    """Run it in a thread without a loop, with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
