"""One reading of a gauge: when the world was so, the number, and what else tells how it came about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Reading:
    at: datetime
    value: float
    detail: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def has_passed(self) -> bool:
        """The number was left again before anybody looked."""
        return bool(self.detail.get("passed"))
