"""What the four clients have in common: their line to the exchange, and how they say that an answer is unusable."""

from types import TracebackType
from typing import Any, Self

from portfolios.exchanges.base import Profile
from portfolios.exchanges.reading import expect
from portfolios.exchanges.signed import Parameters, SignedCalls


class Account:
    profile: Profile

    def __init__(self, calls: SignedCalls) -> None:
        self._calls = calls

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Sockets are the process's; only the keys are let go of."""
        self._calls.forget()

    def _object(self, name: str, parameters: Parameters | None = None) -> dict[str, Any]:
        answer = self._calls.ask(name, parameters)
        self._expect(isinstance(answer, dict))
        return dict(answer)

    def _list(self, name: str, parameters: Parameters | None = None) -> list[Any]:
        answer = self._calls.ask(name, parameters)
        self._expect(isinstance(answer, list))
        return list(answer)

    def _expect(self, condition: bool) -> None:
        expect(condition, self.profile.title, self.profile.name)
