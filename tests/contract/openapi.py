"""The OpenAPI document as tests read it: its operations, values that fit parameters, replies held against it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

JSON = "application/json"
METHODS = ("get", "post", "put", "patch", "delete")
NOBODY = "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a"
FAR_JOB = 1_000_000_007
"""A job's number that the database's own counting never reaches: a request may begin a job beside it."""

EXAMPLES = {
    "symbol": "SOL",
    "id": "solana",
    "model": "climatology",
    "job_id": str(FAR_JOB),
    "asset": "solana",
    "session_id": NOBODY,
    "key_id": NOBODY,
    "alert_id": NOBODY,
    "event_id": NOBODY,
    "channel_id": NOBODY,
    "delivery_id": NOBODY,
    "portfolio_id": NOBODY,
    "link_id": NOBODY,
    "transaction_id": NOBODY,
    "import_id": NOBODY,
    "connection_id": NOBODY,
}
"""Values of the small world (see `conftest`) for parameters whose schema cannot know them."""


@dataclass(frozen=True)
class Operation:
    """One documented request."""

    method: str
    path: str
    said: dict[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """What may stand behind the `?`."""
        return [one for one in self.said.get("parameters", []) if one["in"] == "query"]

    @property
    def takes_body(self) -> bool:
        return "requestBody" in self.said

    @property
    def body(self) -> dict[str, Any]:
        """The schema of the body's object."""
        return resolved(self.said["requestBody"]["content"][JSON]["schema"]) if self.takes_body else {}

    def url(self, **values: Any) -> str:
        """The path with its places filled: with `values`, else with the world's."""
        return self.path.format_map({**EXAMPLES, **values})

    def misfits(self, status: int, body: Any) -> list[str]:
        """Where a reply differs from what is documented for its status; empty if it is as it says."""
        return misfits(self.said["responses"][str(status)]["content"][JSON]["schema"], body)


@cache
def document() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))


def operations(*methods: str) -> list[Operation]:
    """All documented requests, or those of these methods."""
    return [
        Operation(method, path, said)
        for path, those in document()["paths"].items()
        for method, said in those.items()
        if method in (methods or METHODS)
    ]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return dict(document()["components"]["schemas"][name]) if name else schema


def valid_values(parameter: dict[str, Any]) -> Iterator[str]:
    """Every word of an enumeration; else the edges."""
    schema = parameter["schema"]
    if parameter["name"] in EXAMPLES:
        yield EXAMPLES[parameter["name"]]
    elif "enum" in schema:
        yield from schema["enum"]
    elif schema["type"] == "integer":
        yield from (str(schema[edge]) for edge in ("minimum", "default"))
    elif schema["type"] == "number":
        yield from ("0", "0.5", "-1")
    elif schema.get("format") == "date-time":
        yield from ("2026-11-19T00:00:00Z", "2026-11-19")
    else:
        yield "so"


def misfits(schema: dict[str, Any], value: Any) -> list[str]:
    """Where `value` differs from `schema`; a field that is not documented differs too."""
    whole = {**_strict(schema), "components": _components()}
    return [
        f"{error.json_path}: {error.message[:200]}"
        for error in Draft202012Validator(whole).iter_errors(value)
    ]


@cache
def _components() -> dict[str, Any]:
    return dict(_strict(document()["components"]))


def _strict(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: null is a type, and an object has no other fields than those listed."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    said = {name: _strict(one) for name, one in schema.items() if name != "nullable"}
    if isinstance(said.get("properties"), dict) and said.get("type") == "object":
        said.setdefault("additionalProperties", False)
    return {"anyOf": [said, {"type": "null"}]} if schema.get("nullable") is True else said
