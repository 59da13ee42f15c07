"""Parameters of conditions: each known, of its type and within bounds, or a refusal that names it."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from core.lib.errors import BadInput, FieldError


class Parameters:
    """Takes them one by one; `done` raises what was wrong with all of them, and with what nobody took."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given, self._taken = given, set[str]()
        self._wrong: list[FieldError] = []

    def number(self, name: str, least: float, most: float, default: float | None = None) -> float:
        """A finite number from `least` to `most`; `least` in place of one that `done` will refuse."""
        value = self._take(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not _finite(value):
            self.refuse(name, "Write a number.")
            return least
        if not least <= value <= most:
            self.refuse(name, f"Write a number from {least:g} to {most:g}.")
            return least
        return float(value)

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        value = self._take(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.refuse(name, f"Write a whole number from {least} to {most}.")
            return least
        return value

    def one_of(self, name: str, words: Iterable[str], default: str | None = None) -> str:
        value, words = self._take(name, default), list(words)
        if not isinstance(value, str) or value not in words:
            self.refuse(name, f"Choose one of: {', '.join(words)}.")
            return words[0]
        return value

    def refuse(self, name: str, message: str) -> None:
        self._wrong.append(FieldError(f"params.{name}", message))

    def done(self) -> None:
        if set(self._given) - self._taken:
            known = ", ".join(sorted(self._taken)) or "none"
            self._wrong.append(FieldError("params", f"Known parameters of this kind: {known}."))
        if self._wrong:
            raise BadInput(f"{self._wrong[0].field}: {self._wrong[0].message}", details=tuple(self._wrong))

    def _take(self, name: str, default: Any) -> Any:
        self._taken.add(name)
        return self._given.get(name, default)


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False
