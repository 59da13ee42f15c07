"""Schemathesis over every operation of the OpenAPI document: requests that fit it and requests that do not.

The examples are the same each time; `KHALSI_FUZZ=500` (`make fuzz` sets it) tries so many others of each kind.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from khalsi.wsgi import application
from tests.contract.conftest import World
from tests.contract.openapi import document

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
WISHED = int(os.environ.get("KHALSI_FUZZ", "0"))
few = settings(
    max_examples=WISHED or 8,
    derandomize=not WISHED,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def found() -> dict[str, Any]:
    schema = schemathesis.openapi.from_dict(document())
    schema.app = application
    return {one.ok().label: one.ok() for one in schema.get_all_operations()}


OPERATIONS = found()


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests share the test's connection and its transaction, as with Django's own client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
def test_each_reply_is_as_documented(world: World, label: str, mode: GenerationMode) -> None:
    @few
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    def asked(case: Case) -> None:
        case.call_and_validate(headers=world.signed_in, checks=CHECKS)

    asked()
