"""Collectors of the live stream and the sandbox that they listen to, as processes to be killed."""

import signal
import subprocess
import sys
from contextlib import suppress
from datetime import datetime

from benchmarks.ending import ends_with_parent
from benchmarks.scratch import ROOT, Scratch, ask


class Sandbox:
    """On one port, so that it can go and come back as the same market."""

    def __init__(self, port: int, epoch: datetime) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, str(ROOT / "manage.py"), "sandbox", "--until-stdin-closes"]
        self._command += ["--port", str(port), "--epoch", epoch.isoformat()]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=ends_with_parent,
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline().startswith("Sandbox ready"):
            raise SystemExit("The sandbox did not start.")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            with self._process:
                pass

    def put(self, fault: str, count: int) -> None:
        ask(
            f"{self.url}/control/faults",
            {"fault": fault, "target": "stream", "count": count, "retry_after": 0},
        )

    def is_over(self) -> bool:
        return not ask(f"{self.url}/control/faults")


class Collectors:
    """Two processes; whichever was killed is started again, and the next kill waits until it stands by."""

    def __init__(self, scratch: Scratch) -> None:
        self._environment = scratch.whole_environment()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._started: list[subprocess.Popen[bytes]] = []

    def start_missing(self) -> None:
        while len(self._running) < 2:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "stream"],
                env=self._environment,
                stdout=subprocess.PIPE,
                preexec_fn=ends_with_parent,
            )
            self._running[process.pid] = process
            self._started.append(process)

    def wait_until_both_stand(self) -> None:
        for process in self._started:
            assert process.stdout is not None
            process.stdout.readline()
        self._started.clear()

    def kill_working(self) -> None:
        from markets.models import StreamState

        pid = int(StreamState.objects.get().holder.split(":")[1])
        process = self._running.pop(pid)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()
