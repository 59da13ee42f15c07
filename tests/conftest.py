"""The world every test starts in: the simulated market, nothing remembered, limits far away, and no way out."""

import os
import tempfile

# Before Django reads its settings: a test never sees the developer's data, market or keys.
_DATA = tempfile.mkdtemp(prefix="khalsi-tests-")
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
