"""The Express peer of the serving kit, and the bare server: what Khalsi's API is held against, in the same run.

The kit is a folder with a README that says how to set it up and start its database and Redis (`services.sh start`,
`seed_db.py`, `prepare.sh`). Nothing of it is written to from here.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jwt

from benchmarks.load import Server, serving
from benchmarks.scratch import free_port

PATH = "/api/v1/predictions/SOL?timeframe=1h"


class Peer:
    def __init__(self, folder: Path) -> None:
        if not (folder / "env.sh").is_file():
            raise SystemExit(f"--peer: {folder} holds no serving kit (env.sh is missing).")
        self._folder = folder
        self._environment = _environment_of(folder)

    @contextmanager
    def express(self, name: str, *, limited: bool) -> Iterator[Server]:
        """One process of Express; with `limited` its Redis limiter stands in front."""
        port = free_port()
        environment = {**self._environment, "RATE": "1" if limited else "0"}
        command = ["node", "express.mjs", str(port), "1"]
        folder = self._folder / "peer_express"
        with serving(name, port, command, cwd=folder, environment=environment, path=PATH) as server:
            yield server

    def token(self) -> str:
        """Opens Express' private route."""
        claims = {"id": "1", "email": "bench@example.com", "role": "user", "exp": int(time.time()) + 9999}
        return jwt.encode(claims, self._environment["JWT_SECRET"])

    @contextmanager
    def bare(self, name: str, granian: list[str], body: bytes, scratch: Path) -> Iterator[Server]:
        """The same server as ours around an application that returns these bytes and does nothing else."""
        file = scratch / "body.json"
        file.write_bytes(body)
        port = free_port()
        environment = {**os.environ, "BODY_FILE": str(file)}
        command = [*granian, "--port", str(port), "bare_asgi:wsgi"]
        folder = self._folder / "limits"
        with serving(name, port, command, cwd=folder, environment=environment, path="/") as server:
            yield server


def _environment_of(folder: Path) -> dict[str, str]:
    """What `env.sh` sets: it knows where the kit keeps its state, its ports and its modules."""
    said = subprocess.run(
        ["bash", "-c", 'source "$1/env.sh" && env -0', "bash", str(folder)], capture_output=True, check=True
    ).stdout
    return dict(line.split("=", 1) for line in said.decode().split("\0") if "=" in line)
