"""Requests made from an OpenAPI document: some as it asks for, some with something wrong, all from one seed."""

import json
import random
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"
PASSWORD = "seven green kettles sing"
VERY_LONG = 1024 * 1024
"""As long as a field may be thought to be by whoever wishes harm; the server's own cap is far below."""

ODD_TEXT = (
    "",
    " ",
    "\0",
    "\ud800",
    "\u202ealice",
    "ａｌｉｃｅ",
    "аlice@example.com",
    "ﷺ" * 300,
    "a\r\nX-Evil: 1",
    "'; DROP TABLE x; --",
    "{{7*7}}",
    "<script>",
    "../../etc/passwd",
    "%00",
    "%ff%fe",
    "null",
    "NaN",
    "-0",
    "1e309",
    "٣",
    "1_0",
    "0x10",
    "=1+1",
    "x" * 300,
    "x" * 70_000,
    "2026-02-30",
    "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01T00:00:00+23:59",
    "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
)
ODD: tuple[Any, ...] = (
    *ODD_TEXT,
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    -(2**63) - 1,
    10**60,
    1.5,
    -0.0,
    1e308,
    5e-324,
    [],
    [[]],
    [None],
    ["read", "read"],
    {},
    {"": None},
    {"a": {"b": [1, {"c": "d"}]}},
    {"__proto__": {"role": "admin"}},
)
RAW = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"so"',
    b"NaN",
    b'{"a": NaN}',
    b'{"a": 1e999}',
    b'{"a": 1, "a": 2}',
    b'{"a": "\\ud800"}',
    b'{"a": "\\u0000"}',
    b'{"a": "\xff\xfe"}',
    b"\xef\xbb\xbf{}",
    b"[" * 100_000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
    b'{"email": "' + b"a" * VERY_LONG + b'"}',
    b"a=1&b=2",
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
)
HEADERS: tuple[dict[str, str], ...] = (
    {"Accept": "text/html"},
    {"Accept": "image/*;q=2, nonsense"},
    {"Content-Type": "text/plain"},
    {"Content-Type": "application/json; charset=utf-16"},
    {"Content-Type": "multipart/form-data"},
    {"Content-Type": ""},
    {"Content-Encoding": "gzip"},
    {"X-Request-ID": "a b<script>"},
    {"X-Request-ID": "fuzz-0123456789"},
    {"Idempotency-Key": "the same"},
    {"Idempotency-Key": "a,b"},
    {"Idempotency-Key": "x" * 500},
    {"If-None-Match": "*"},
    {"If-None-Match": 'W/"x", nonsense'},
    {"Origin": "https://evil.example"},
    {"X-Forwarded-For": "1.2.3.4, nonsense"},
    {"X-Forwarded-Host": "evil.example"},
    {"Range": "bytes=0-1"},
    {"Cookie": "sessionid=abc; csrftoken=;;=,"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Expect": "nonsense"},
)
STRANGE_METHODS = ("OPTIONS", "TRACE", "HEAD", "PUT", "PATCH", "DELETE", "POST", "PROPFIND")
CREDENTIALS = ("Bearer", "Bearer x.y.z", "Basic YTpi", "Api-Key nobody", "Bearer " + "a" * 9000, "\xff")


class Asked(NamedTuple):
    """One request, and the operation that it was made from."""

    operation: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    statuses: frozenset[str]
    """What the document says may come; empty where something else than the operation was asked."""


@dataclass
class Known:
    """Values that mean something here, by the name of the field or of the id in a path; replies add to it."""

    values: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, name: str, value: Any) -> None:
        kept = self.values[name]
        if value not in kept:
            kept.append(value)
            del kept[:-20]


class Maker:
    def __init__(self, document: dict[str, Any], known: Known, chance: random.Random) -> None:
        self._document, self._known, self._chance = document, known, chance
        self._operations = [
            (path, method, said)
            for path, those in document["paths"].items()
            for method, said in those.items()
            if method in METHODS
        ]

    def make(self, credential: str | None) -> Asked:
        """Three in eight as documented; in the others one to three things are wrong."""
        chance = self._chance
        path, method, said = chance.choice(self._operations)
        wrong = set() if chance.random() < 0.375 else set(chance.choices(_WRONG, k=chance.randint(1, 3)))
        headers = {"Content-Type": JSON, "Accept": JSON}
        if credential:
            headers["Authorization"] = credential
        if "credential" in wrong:
            headers["Authorization"] = chance.choice(CREDENTIALS)
        if any(one["in"] == "header" for one in said.get("parameters", ())) and chance.random() < 0.5:
            headers["Idempotency-Key"] = f"key-{chance.randrange(50)}"
        if "headers" in wrong:
            headers |= chance.choice(HEADERS)
        sent = chance.choice(STRANGE_METHODS) if "method" in wrong else method.upper()
        url = self._path(path, said, "path" in wrong) + self._query(said, "query" in wrong)
        body = self._body(said, wrong) if "requestBody" in said or "raw" in wrong else b""
        is_other = "method" in wrong or (body and "requestBody" not in said)
        documented = frozenset() if is_other else frozenset(said["responses"])
        return Asked(f"{method.upper()} {path}", sent, url, headers, body, documented)

    def _path(self, path: str, said: dict[str, Any], wrong: bool) -> str:
        for one in said.get("parameters", ()):
            if one["in"] == "path":
                value = self._chance.choice(ODD_TEXT) if wrong else self._named(one["name"], one["schema"])
                name = quote(str(value)[:300].encode("utf-8", "surrogatepass"), safe="")
                path = path.replace(f"{{{one['name']}}}", name or "%20")
        return path + ("/" if self._chance.random() < 0.05 else "")

    def _query(self, said: dict[str, Any], wrong: bool) -> str:
        pairs: list[tuple[str, Any]] = []
        for one in said.get("parameters", ()):
            if one["in"] == "query" and self._chance.random() < 0.4:
                pairs.append((one["name"], self._named(one["name"], one["schema"])))
        if wrong:
            names = [one["name"] for one in said.get("parameters", ()) if one["in"] == "query"]
            odd = self._chance.choice([*names, "unknown", "format", "page", "cursor", "limit"])
            pairs.append((odd, self._chance.choice(ODD_TEXT)[:2000]))
            pairs += [self._chance.choice(pairs)] if self._chance.random() < 0.3 else []
        spelled = [(name, str(value).encode("utf-8", "surrogatepass")) for name, value in pairs]
        return f"?{urlencode(spelled)}" if spelled else ""

    def _body(self, said: dict[str, Any], wrong: set[str]) -> bytes:
        if "raw" in wrong:
            return self._chance.choice(RAW)
        content = said["requestBody"]["content"].get(JSON, {})
        schema, examples = content.get("schema", {}), list(content.get("examples", {}).values())
        is_example = examples and self._chance.random() < 0.5
        value = deepcopy(self._chance.choice(examples)["value"]) if is_example else self.value(schema)
        if "field" in wrong and isinstance(value, dict):
            names = [*self._resolved(schema).get("properties", {}), "role", "unknown"]
            value[self._chance.choice(names)] = self._chance.choice(ODD)
        if "missing" in wrong and isinstance(value, dict) and value:
            value.pop(self._chance.choice(list(value)))
        if "whole" in wrong:
            value = self._chance.choice(ODD)
        text = json.dumps(value)
        if "twice" in wrong and isinstance(value, dict) and value:
            name = self._chance.choice(list(value))
            text = text[:-1] + f", {json.dumps(name)}: {json.dumps(value[name])}}}"
        return text.encode()

    def value(self, schema: dict[str, Any], name: str = "") -> Any:
        """Something that fits."""
        schema = self._resolved(schema)
        chance = self._chance
        for several in ("oneOf", "anyOf"):
            if several in schema:
                return self.value(chance.choice(schema[several]), name)
        if "allOf" in schema:
            return self.value(schema["allOf"][0], name)
        if schema.get("nullable") and chance.random() < 0.15:
            return None
        if name in self._known.values and chance.random() < 0.8:
            return chance.choice(self._known.values[name])
        if "enum" in schema:
            return chance.choice(schema["enum"])
        make = _BY_TYPE.get(schema.get("type", ""))
        return make(self, schema) if make else chance.choice(ODD)

    def _named(self, name: str, schema: dict[str, Any]) -> Any:
        known = self._known.values.get(name)
        return self._chance.choice(known) if known and self._chance.random() < 0.9 else self.value(schema)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "").removeprefix("#/components/schemas/")
        return self._document["components"]["schemas"][name] if name else schema

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        return {
            name: self.value(one, name)
            for name, one in schema.get("properties", {}).items()
            if not one.get("readOnly") and (name in required or self._chance.random() < 0.4)
        }

    def _array(self, schema: dict[str, Any]) -> list[Any]:
        return [self.value(schema.get("items", {})) for _ in range(self._chance.randint(0, 3))]

    def _integer(self, schema: dict[str, Any]) -> int:
        low = int(schema.get("minimum", -5))
        return self._chance.randint(low, min(int(schema.get("maximum", low + 500)), low + 500))

    def _number(self, schema: dict[str, Any]) -> float:
        low = float(schema.get("minimum", 0))
        return round(self._chance.uniform(low, min(float(schema.get("maximum", low + 500)), low + 500)), 4)

    def _boolean(self, schema: dict[str, Any]) -> bool:
        return self._chance.random() < 0.5

    def _text(self, schema: dict[str, Any]) -> str:
        form = schema.get("format")
        number = self._chance.randrange(10**6)
        if form == "uuid":
            return f"6b1b36cb-aea8-4d3e-9b5e-7e9d1f{number:06d}"
        if form == "date-time":
            day = 1 + number % 28
            return f"20{number % 30:02d}-{1 + number % 12:02d}-{day:02d}T{number % 24:02d}:00:00Z"
        if form == "email":
            return f"user{number}@example.com"
        return f"word{number}"[: schema.get("maxLength", 100)]


_BY_TYPE: dict[str, Callable[[Maker, dict[str, Any]], Any]] = {
    "object": Maker._object,
    "array": Maker._array,
    "integer": Maker._integer,
    "number": Maker._number,
    "boolean": Maker._boolean,
    "string": Maker._text,
}
_WRONG = (
    "path",
    "query",
    "query",
    "headers",
    "credential",
    "method",
    "raw",
    "field",
    "field",
    "field",
    "missing",
    "whole",
    "twice",
)
