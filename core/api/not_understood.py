"""uvicorn's HTTP with one thing more: bytes that are no request are answered in the envelope, like everything else.

Such a request reaches no application. Behind the proxy of the distributed form this is never seen: the proxy answers.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.api.errors import refusal_for
from core.api.rendering import rendered
from core.api.request_id import HEADER, answering
from core.lib.errors import BadInput
from core.lib.ids import request_id

_MESSAGE = "The request cannot be understood: its first line or its headers are malformed or too long."


class Http(HttpToolsProtocol):
    def send_400_response(self, msg: str) -> None:
        identity = request_id(None)
        with answering(identity):
            body = rendered(refusal_for(BadInput(_MESSAGE)).body())
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
            f"content-length: {len(body)}\r\n{HEADER.lower()}: {identity}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
