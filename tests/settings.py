"""The world every test starts in: the simulated market, nothing remembered, limits far away, and no way out.

pytest-django loads settings before any conftest, so the environment is set here, before Khalsi's settings read it. Each
process has a data folder and a key prefix of its own: suites may run side by side. A developer's `.env` counts for
nothing, since what is there, though empty, goes before it.
"""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

_EXAMPLE = (Path(__file__).resolve().parents[1] / ".env.example").read_text()
for _name in re.findall(r"^([A-Z_]+)=", _EXAMPLE, re.M):
    os.environ.setdefault(_name, "")

_DATA = tempfile.mkdtemp(prefix="khalsi-tests-")
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)

os.environ.update(
    DATA=_DATA,
    SOURCE="sandbox",
    REPLAY="",
    DEBUG="true",
    RATE_LIMIT_MAX="0",
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    KEY_PREFIX=f"khalsi-test-{os.getpid()}",
    LOG_LEVEL="ERROR",
)

from khalsi.settings import *  # noqa: E402, F403

INITIAL_ARTIFACTS = ARTIFACTS.parent / "initial"  # noqa: F405
"""Empty: what a test says must not hang on which engines come with the project."""
