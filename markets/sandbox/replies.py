"""What an endpoint hands back before it is written to the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reply:
    payload: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The endpoint answers with an error in its provider's shape."""

    def __init__(self, status: int, payload: Any) -> None:
        super().__init__(f"{status} {payload}")
        self.reply = Reply(payload, status)


class Query:
    """The parameters of a request; a parameter that was sent empty counts as absent."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: value for name, value in values.items() if value != ""}

    def text(self, name: str, otherwise: str = "") -> str:
        return self._values.get(name, otherwise)

    def listed(self, name: str) -> list[str]:
        """Comma-separated values; spaces around them do not matter."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def flag(self, name: str, otherwise: bool = False) -> bool:
        return self.text(name, "true" if otherwise else "false").lower() == "true"
