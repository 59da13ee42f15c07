"""Training asked for and watched: one at a time, in a child process whose progress is kept in its run."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.db import transaction

from core.jobs.slots import claim, finish, may_take
from core.lib.clock import wall_now
from core.models import JobRun
from markets.models import Token
from predictions.models import EngineVersion

log = structlog.get_logger(__name__)
JOB = "train"
MAY_BE_INCOMPLETE = 0.1
MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
CHILD_SECONDS = 3000
"""Shorter than the broker's patience with a task that has not been acknowledged."""
MAY_TAKE = may_take(JOB, timedelta(seconds=2 * CHILD_SECONDS))
"""One training, and the one before it that it waits for. What takes longer was lost on its way or with its worker."""


@transaction.atomic
def ask_for_training(timeframes: Sequence[str] | None) -> tuple[JobRun, bool]:
    """The run to watch, and whether it is new: while one is running, a second wish joins it."""
    now = wall_now()
    running = JobRun.objects.select_for_update().filter(job=JOB, state=JobRun.State.RUNNING)
    joined = running.filter(started_at__gt=now - MAY_TAKE).order_by("-pk").first()
    if joined is not None:
        return joined, False
    for lost in running:
        finish(lost, JobRun.State.FAILED, "Lost: no worker has finished it.")
    wanted = ", ".join(timeframes) if timeframes else "all timeframes"
    return JobRun.objects.create(job=JOB, started_at=now, detail=f"waiting to train {wanted}"), True


def first_training_is_due(now: datetime) -> bool:
    """Nothing was ever trained here, nearly all history is there, and no training began within a day.

    `now` is wall time. Without it a new database would wait up to a month for its first trained engine.
    """
    if EngineVersion.objects.exclude(artifact="").exists():
        return False
    if JobRun.objects.filter(job=JOB, started_at__gt=now - timedelta(days=1)).exists():
        return False
    tokens = Token.objects.active()
    incomplete = tokens.filter(candles_complete=False).count()
    return tokens.count() > 0 and incomplete <= tokens.count() * MAY_BE_INCOMPLETE


def train_in_child(timeframes: Sequence[str] | None, *, slot: datetime | None, run_id: int | None) -> bool:
    """Run `manage.py train` and wait for it; False where this slot is somebody else's. The child closes the
    run.
    """
    run = JobRun.objects.get(pk=run_id) if run_id is not None else claim(JOB, slot)
    if run is None:
        return False
    try:
        command = _command(timeframes, run)
        done = subprocess.run(command, capture_output=True, timeout=CHILD_SECONDS, check=False)  # noqa: S603  our own
    except subprocess.TimeoutExpired:
        finish(run, JobRun.State.FAILED, f"Training took longer than {CHILD_SECONDS} s and was ended.")
        return True
    run.refresh_from_db()
    if run.state == JobRun.State.RUNNING:  # the child died without a word
        said = done.stderr.decode(errors="replace").strip()[-2000:]
        finish(
            run, JobRun.State.FAILED, f"Training ended with {_ending(done.returncode)}. {_last_line(said)}"
        )
        log.error("training_failed", code=done.returncode, said=said)
    return True


def _command(timeframes: Sequence[str] | None, run: JobRun) -> list[str]:
    """Only words of our own: timeframes were checked against the list, and the run is a number."""
    chosen = [word for name in timeframes or () for word in ("--timeframe", name)]
    return [*_gently(), sys.executable, str(MANAGE), "train", "--run", str(run.pk), *chosen]


def _gently() -> list[str]:
    """Learning takes minutes of a core that pages and forecasts want too."""
    nice = shutil.which("nice")
    return [nice, "-n", "10"] if nice else []


def _ending(code: int) -> str:
    """A negative code is the signal that ended the child; the kernel's own killing for want of memory is the usual."""
    if code >= 0:
        return f"code {code}"
    return f"signal {-code}" + (" (killed; most likely there was too little memory)" if code == -9 else "")


def _last_line(said: str) -> str:
    """A traceback's last line names the error."""
    return said.splitlines()[-1][:300] if said else "It left no word."
