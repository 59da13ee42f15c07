"""Processes that deliver messages, to be killed: Celery's own workers as compose starts them, or bare deliverers forked
from a process that has loaded everything."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import IO

import psutil

from benchmarks.ending import ends_with_parent
from benchmarks.scratch import ROOT

QUEUES = {"deliver": 2, "hooks": 3}
"""With as many processes as docker-compose.yml gives them."""
WHOLE = 0.2
"""The share of kills that take a whole worker, parent and children, as when its container is killed."""
READY_SECONDS = 120.0
IDLE_SECONDS = 0.02
Process = subprocess.Popen[bytes]


class Workers:
    """`celery worker` for both queues, and `celery beat`, whose sweep finds what a dead one left."""

    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        self._name, self._environment = name, dict(environment)
        self.killed = self.whole = self.ended = 0
        """Processes, and whole workers; and workers that ended by themselves after a child of theirs was killed."""
        self._told: dict[str, IO[bytes]] = {}
        self._beat = self._started("beat", "--pidfile=")
        self._workers = {queue: self._worker(queue) for queue in QUEUES}
        ends = time.monotonic() + READY_SECONDS
        while not all(len(self._children(queue)) >= count for queue, count in QUEUES.items()):
            if time.monotonic() > ends:
                raise SystemExit(f"Celery's workers were not there within {READY_SECONDS:g} s.")
            time.sleep(0.2)

    def kill_one(self, chance: random.Random) -> None:
        """A child, which its parent replaces, or a whole worker, which is started again at once."""
        while not (standing := [queue for queue in QUEUES if self._children(queue)]):
            self.tend()
            time.sleep(0.1)
        queue = chance.choice(standing)
        children = self._children(queue)
        if chance.random() < WHOLE:
            self.killed, self.whole = self.killed + len(children), self.whole + 1
            _kill_group(self._workers[queue])
            self._workers[queue] = self._worker(queue)
        else:
            self.killed += 1
            chance.choice(children).kill()

    def tend(self) -> None:
        """Start a worker that ended by itself again, as compose does (`restart: unless-stopped`), and show its last
        words."""
        for queue, process in self._workers.items():
            if process.poll() is not None:
                self.ended += 1
                words = _last_words(self._told[queue])
                print(f"  the worker for {queue} ended with {process.returncode}: {words}", flush=True)
                self._workers[queue] = self._worker(queue)

    def stop(self) -> None:
        for process in (self._beat, *self._workers.values()):
            if process.poll() is None:
                _kill_group(process)

    def _worker(self, queue: str) -> Process:
        node = ("-n", f"{queue}-{self._name}@%h", "-Q", queue, "-c", str(QUEUES[queue]))
        said = self._told[queue] = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the worker
        return self._started("worker", *node, "--without-gossip", "--without-mingle", said=said)

    def _started(self, *words: str, said: IO[bytes] | int = subprocess.DEVNULL) -> Process:
        command = [sys.executable, "-m", "celery", "-A", "khalsi", *words, "-l", "ERROR"]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
            preexec_fn=ends_with_parent,
        )

    def _children(self, queue: str) -> list[psutil.Process]:
        """Those that work: of a worker that still loads there are none."""
        try:
            return list(psutil.Process(self._workers[queue].pid).children())
        except psutil.NoSuchProcess:
            return []


def _last_words(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "nothing said"


def _kill_group(process: Process) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Forked:
    """They look for themselves, so no message of a queue is needed; a new one is there at once."""

    def __init__(self, count: int, *, is_embedded: bool) -> None:
        self._is_embedded = is_embedded
        self.killed = self.whole = self.ended = 0
        self._pids = [self._started() for _ in range(count)]

    def _started(self) -> int:
        from django.db import connections

        connections.close_all()
        pid = os.fork()
        if pid == 0:
            try:
                ends_with_parent()
                _deliver_for_ever()
            finally:
                os._exit(1)
        return pid

    def kill_one(self, chance: random.Random) -> None:
        """And start another, which embedded releases what the dead one held, as `serve` does."""
        pid = self._pids.pop(chance.randrange(len(self._pids)))
        self.killed += 1
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        if self._is_embedded:
            _release()
        self._pids.append(self._started())

    def tend(self) -> None:
        """None of them ends by itself."""

    def stop(self) -> None:
        for pid in self._pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _deliver_for_ever() -> None:
    """What the sweep and the workers do, without waiting for the minute."""
    from alerts.selectors.deliveries import channels_owed
    from alerts.services.delivering import deliver_due
    from core.lib.clock import wall_now

    while True:
        owed = channels_owed(wall_now())
        random.shuffle(owed)
        for channel_id in owed:
            deliver_due(channel_id, patience=0.2)
        if not owed:
            time.sleep(IDLE_SECONDS)


def _release() -> None:
    from alerts.services.delivering.leasing import release_leases
    from core.lib.clock import wall_now

    release_leases(wall_now())
