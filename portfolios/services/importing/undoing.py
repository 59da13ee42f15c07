"""An import taken back: all its rows go in one transaction, and the lots are worked out anew."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.lib.errors import Conflict
from portfolios.models import ImportBatch
from portfolios.selectors.imports import import_of
from portfolios.services.recording import delete_many

_State = ImportBatch.State


@transaction.atomic
def undo(*, owner_id: UUID, batch_id: UUID, wall: datetime) -> int:
    """How many rows went; those that were changed by hand since are among them. Raises Conflict where it is running,
    or was undone.
    """
    batch = import_of(owner_id, batch_id)
    took = ImportBatch.objects.filter(pk=batch.pk, state__in=[_State.DONE, _State.FAILED]).update(
        state=_State.UNDONE, changed_at=wall, content=b"", lease_until=None
    )
    if not took:
        raise Conflict("Only an import that is done can be undone, and only once.")
    ids = list(batch.transactions.values_list("pk", flat=True))
    return delete_many(owner_id=owner_id, portfolio_id=batch.portfolio_id, transaction_ids=ids, wall=wall)
