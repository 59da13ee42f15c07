"""What stands behind the `?` of an address: known parameters are checked, unknown ones are ignored."""

from typing import Any

from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.request import Request

from core.api.errors import field_errors, summary
from core.lib.errors import BadInput, FieldError


class QuerySerializer(serializers.Serializer[Any]):
    """Write one field for each parameter, with its default; then `Parameters.read(request)`."""

    @classmethod
    def read(cls, request: HttpRequest | Request, **context: Any) -> dict[str, Any]:
        """The checked parameters. Raises BadInput with each that is at fault. An empty one counts as
        absent."""
        given = request.GET
        serializer = cls(data={}, context={"request": request, **context})
        names = [str(name) for name in serializer.fields]
        repeated = [name for name in names if len(given.getlist(name)) > 1]
        if repeated:
            raise _bad(tuple(FieldError(name, "Give this parameter once.") for name in repeated))
        serializer.initial_data = {name: given[name] for name in names if given.get(name)}
        try:
            serializer.is_valid(raise_exception=True)
        except serializers.ValidationError as error:
            raise _bad(field_errors(error)) from None
        return dict(serializer.validated_data)


def _bad(details: tuple[FieldError, ...]) -> BadInput:
    return BadInput(summary(details), details=details)
