"""Khalsi's settings with another stream than the sandbox's own: the benchmark's, which knows when it sent what."""

import os
from dataclasses import replace

from khalsi.settings import *  # noqa: F403
from khalsi.settings import MARKET as _MARKET

MARKET = replace(_MARKET, stream_url=os.environ["STREAM_UNDER_TEST"])
