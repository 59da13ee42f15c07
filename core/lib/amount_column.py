"""A column for what people own: exact to the last digit on both databases.

SQLite has no exact decimals: it keeps a Decimal as a float of some 15 digits. There an amount is a text of fixed width
instead, so that comparing and sorting what isn't negative works as with numbers. `SUM` does not: add up in Python.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

DIGITS, PLACES = 38, 18
_WIDTH = DIGITS + 1
_UNIT = Decimal(1).scaleb(-PLACES)
_TOO_MUCH = Decimal(10) ** (DIGITS - PLACES)


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """Up to twenty digits before the point and eighteen after it. Longer fractions are refused, never rounded."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"max_digits": DIGITS, "decimal_places": PLACES})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        del options["max_digits"], options["decimal_places"]
        return name, path, args, options

    def get_internal_type(self) -> str:
        """Not DecimalField: Django would read it through a float on SQLite."""
        return "AmountField"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "text" if connection.vendor == "sqlite" else f"numeric({DIGITS}, {PLACES})"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Decimal | None:
        return None if value is None else Decimal(value)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        exact = self._exact(value)
        return f"{exact:0{_WIDTH}.{PLACES}f}" if connection.vendor == "sqlite" else exact

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.get_db_prep_value(value, connection)

    def _exact(self, value: Any) -> Decimal:
        """Raises ValidationError for what isn't a decimal, is not finite, or would not fit."""
        try:
            exact = value if isinstance(value, Decimal) else Decimal(str(value))
            fits = exact.is_finite() and exact.copy_abs() < _TOO_MUCH
            if fits and exact.quantize(_UNIT, context=self.context) == exact:
                return exact
        except InvalidOperation:
            pass
        raise ValidationError(f"{self.name}: an amount has at most {PLACES} digits after the point.")
