"""Looking rows up by an id, as it stands in logs, in the audit log and in the export of a user."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest


class FoundById:
    """For an admin whose rows have UUIDs; any other text is looked for as its `search_fields` say."""

    id_fields: tuple[str, ...] = ("pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)  # type: ignore[misc,no-any-return]
        by_id = Q.create([(name, wanted) for name in self.id_fields], connector=Q.OR)
        return queryset.filter(by_id), False
