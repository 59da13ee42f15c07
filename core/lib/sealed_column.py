"""A column of sealed texts, said in one line: what they are for, and whose they are.

    SECRET = SealedColumn(Webhook, "sealed_secret", purpose="webhook secret", owner="user_id")

    webhook = Webhook(id=uuid4(), user=user)  # key and owner first: the seal is bound to both
    SECRET.put(webhook, secret)
    webhook.save()
    SECRET.get(webhook)  # CannotOpen where the text was altered, or moved to another row, user or column

`khalsi/sealed.py` lists every such column, for the check at the start and `manage.py rekey_credentials`. Whoever
needs a form to compare by keeps a digest in another column.
"""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Model, Q, QuerySet

from core.lib.sealing import key_ids, opened, seal


@dataclass(frozen=True)
class SealedColumn:
    """`owner` is the attribute with the user's id, left out where the row's own key is that user."""

    model: type[Model]
    column: str
    purpose: str
    owner: str = ""
    called: str = ""
    """What the seal calls the column, where that is not its name."""

    def put(self, row: Any, secret: str) -> None:
        """Seal it into the row, which is not saved yet."""
        setattr(row, self.column, self.sealed(row, secret))

    def sealed(self, row: Any, secret: str) -> str:
        return seal(secret, purpose=self.purpose, belongs_to=self._belongs_to(row))

    def get(self, row: Any) -> str:
        """The secret. Raises CannotOpen."""
        return opened(getattr(row, self.column), purpose=self.purpose, belongs_to=self._belongs_to(row))

    def under_other_keys(self) -> QuerySet[Any]:
        """Rows that are not sealed with the present key."""
        return self._filled().exclude(self._under(key_ids()[:1]))

    def under_unknown_keys(self) -> QuerySet[Any]:
        """Rows that no key of this process opens."""
        return self._filled().exclude(self._under(key_ids()))

    def seal_anew(self, row: Any) -> bool:
        """Seal with the present key what an earlier one sealed; False where the row was changed meanwhile."""
        old = getattr(row, self.column)
        unchanged = self.model._base_manager.filter(pk=row.pk, **{self.column: old})
        return unchanged.update(**{self.column: self.sealed(row, self.get(row))}) == 1

    def _filled(self) -> QuerySet[Any]:
        return self.model._base_manager.exclude(**{self.column: ""}).exclude(**{self.column: None})

    def _under(self, ids: list[str]) -> Q:
        return reduce(or_, (Q(**{f"{self.column}__startswith": f"{one}:"}) for one in ids))

    def _belongs_to(self, row: Any) -> str:
        if row.pk is None or (self.owner and getattr(row, self.owner) is None):
            raise ValueError(f"{self.model.__name__}: a row has its key and its owner before it is sealed.")
        owner = (str(getattr(row, self.owner)),) if self.owner else ()
        return ":".join((self.model._meta.db_table, str(row.pk), *owner, self.called or self.column))
