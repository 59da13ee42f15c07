"""One process for one DATA folder, on ports of its own; whoever comes second is told so in a sentence.

A second process would move the clock of a replay, run every job twice over and fight for the same database.
"""

import fcntl
import os
import socket
import time

from django.core.management import CommandError

from khalsi.settings import env
from khalsi.settings.sources import MARKET, SANDBOX_PORT

PATIENCE_SECONDS = 5.0
_held: int | None = None


def hold_data() -> None:
    """Hold the folder until this process ends, however it ends. Raises CommandError where another one has it."""
    global _held
    if _held is not None:
        return
    lock = os.open(env.DATA / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(lock, 20).decode("ascii", "replace") or "unknown"
        os.close(lock)
        raise CommandError(
            f"Khalsi runs in {env.DATA} already (process {holder}). Stop it first, or name another DATA folder."
        ) from error
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    _held = lock  # open until this process ends: the kernel then lets go, even of a killed one


def refuse_taken_ports() -> None:
    """A sandbox whose parent was killed may need a moment to go; a port that stays taken ends the start."""
    _refuse_taken(env.HOST, env.PORT, "Name another PORT.")
    if not MARKET.is_live:
        _refuse_taken("127.0.0.1", SANDBOX_PORT, "Name another PORT (the sandbox uses PORT + 1).")


def _refuse_taken(host: str, port: int, what_to_do: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while reason := _refusal(host, port):
        if time.monotonic() > deadline:
            raise CommandError(f"Khalsi cannot listen at {host}:{port} ({reason}). {what_to_do}")
        time.sleep(0.1)


def _refusal(host: str, port: int) -> str:
    """Why nobody can listen there; empty where one can."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    return ""
