"""Where a hub gets published values from: this process itself, or Redis."""

from typing import TYPE_CHECKING, Protocol

from core.live.census import Report

if TYPE_CHECKING:
    from core.live.hub import Hub


class Source(Protocol):
    async def start(self, hub: "Hub") -> None: ...

    async def listening(self) -> None:
        """Returns as soon as what is published from now on is heard."""

    async def report(self, report: Report) -> None:
        """Tell who is connected here; lost where Redis is away, and told again soon."""

    async def stop(self, hub: "Hub") -> None: ...
