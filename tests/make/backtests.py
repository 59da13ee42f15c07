"""Back-tests of simulated folders, with an engine that need not learn."""

from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management import call_command

from predictions.engines.base import answer, gaps


class Bold:
    """Says 0.5 sideways, and a range half as wide as the baseline's."""

    name, version = "ensemble", "test"

    def forecast(self, batch):
        n = len(batch.tokens)
        return answer(np.tile([0.3, 0.2, 0.5], (n, 1)), batch.baseline_quantiles / 2, gaps(batch))


def backtest(*folders: Path, out: Path | None, **more: Any) -> str:
    """What the command says on its standard output; six days of SOL by the hour unless told otherwise."""
    said = StringIO()
    arguments = {
        "tokens": ("SOL",),
        "timeframes": ("1h",),
        "first": "2024-06-20",
        "end": "2024-06-25",
        **more,
    }
    words = [f"--candles={folder}" for folder in folders]
    call_command("backtest", *words, out=out, stdout=said, stderr=StringIO(), **arguments)
    return said.getvalue()
