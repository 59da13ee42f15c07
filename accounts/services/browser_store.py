"""Django's sessions of browsers, kept under a digest of what the cookie says: a dump of the table opens no browser."""

import hashlib
from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """The key itself is known to the browser alone, and to this process while it answers."""

    def create_model_instance(self, data: Any) -> Any:
        return _under_digest(super().create_model_instance(data))

    async def acreate_model_instance(self, data: Any) -> Any:
        return _under_digest(await super().acreate_model_instance(data))

    def exists(self, session_key: str | None) -> bool:
        return super().exists(_digest(session_key) or "")

    async def aexists(self, session_key: str | None) -> bool:
        return await super().aexists(_digest(session_key) or "")

    def delete(self, session_key: str | None = None) -> None:
        super().delete(_digest(session_key or self.session_key))

    async def adelete(self, session_key: str | None = None) -> None:
        await super().adelete(_digest(session_key or self.session_key))

    def _get_session_from_db(self) -> Any:
        key, self._session_key = self.session_key, _digest(self.session_key)
        return self._found(super()._get_session_from_db(), key)  # type: ignore[misc]

    async def _aget_session_from_db(self) -> Any:
        key, self._session_key = self.session_key, _digest(self.session_key)
        return self._found(await super()._aget_session_from_db(), key)  # type: ignore[misc]

    def _found(self, row: Any, key: str | None) -> Any:
        """Where there is no such row the key is forgotten, so that nobody chooses his own."""
        self._session_key = key if row else None
        return row


def _under_digest(row: Any) -> Any:
    row.session_key = _digest(row.session_key)
    return row


def _digest(key: str | None) -> str | None:
    """As long as the column is wide."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()[:40] if key else key
