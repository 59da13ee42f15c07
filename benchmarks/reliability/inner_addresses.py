"""Promise 16, a user's URL reaches no inner address: every special address in every spelling, redirects, re-binding.

    python -m benchmarks.reliability.inner_addresses

A server on loopback stands for the inner network, one on 127.0.0.2 for the open internet. Names resolve as a hostile
owner would have them. Counted is every connection that this process makes to anything but the open server.
"""

import argparse
import random
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address

from benchmarks.report import keep, print_table
from core.lib.errors import KhalsiError
from core.net.addresses import CARRIERS, SPECIAL_4, SPECIAL_6
from core.net.guard import OutsideClient, Rules

OPEN = "127.0.0.2"
"""Stands for the open internet: allowed as an operator may allow an address for trying out."""
_MORE = ("::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b:1::7f00:1")


class Watched:
    """Every connection that is tried while it counts, whoever tries it."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.is_on = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.is_on and event == "socket.connect":
            address = arguments[1]
            if isinstance(address, tuple) and address[0] != OPEN:
                self.tried.append(str(address[0]))


class Listener:
    """Answers every request with `answer` and counts the connections it got."""

    def __init__(self, host: str, port: int = 0, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> None:
        self._socket = socket.create_server((host, port), family=_family(host), reuse_port=False)
        self._socket.settimeout(0.1)
        self.port: int = self._socket.getsockname()[1]
        self.answer = answer
        self.connections = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._ends.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            with connection, suppress(OSError):
                self.connections += 1
                connection.settimeout(1)
                connection.recv(65536)
                connection.sendall(self.answer)
                # A close while the request's body is still coming would reset the connection, and lose the answer.
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

    def close(self) -> None:
        self._ends.set()
        self._thread.join(2)
        self._socket.close()


def _family(host: str) -> int:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def special_addresses(chance: random.Random, each: int) -> Iterator[IPv4Address]:
    """The ends of every special network, and `each` addresses within it."""
    for network in SPECIAL_4:
        inside = [network[chance.randrange(network.num_addresses)] for _ in range(each)]
        yield from {network[0], network[-1], *inside}


def spellings(address: IPv4Address) -> Iterator[str]:
    """Hosts, as they stand in a URL, that some part of some system takes for this address."""
    number, (a, b, c, d) = int(address), address.packed
    yield str(address)
    yield f"{address}."
    yield from (str(number), f"0{number:o}", hex(number), hex(number).upper(), f"0x{number:010x}")
    yield f"{a}.{number & 0xFFFFFF}"
    yield f"{a}.{b}.{number & 0xFFFF}"
    yield ".".join(f"0{part:o}" for part in (a, b, c, d))
    yield ".".join(hex(part) for part in (a, b, c, d))
    yield f"{a:04d}.{b}.{hex(c)}.{d}"
    yield f"{a + 256}.{b}.{c}.{d}"
    yield str(address).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    yield str(address).translate({ord("1") + digit: 0x2460 + digit for digit in range(9)})
    yield str(address).replace(".", "\u3002")
    yield str(address).replace(".", "%2e")
    yield f"open.example@{address}"
    yield f"{address}#@open.example"
    yield f"{address}\\@open.example"
    yield f"open.example\t@{address}"
    yield from (f"[{carried}]" for carried in carriers(address))


def carriers(address: IPv4Address) -> Iterator[IPv6Address]:
    number = int(address)
    for carrier in CARRIERS:
        yield IPv6Address(int(carrier[0]) + number)
    yield IPv6Address(number)  # "compatible"
    yield IPv6Address((0xFFFF << 48) + number)  # translated by SIIT
    yield IPv6Address((0x2002 << 112) + (number << 80) + 1)  # 6to4
    yield IPv6Address(
        (0x20010000 << 96) + (number << 64) + (number ^ 0xFFFFFFFF)
    )  # Teredo, server and client
    yield IPv6Address((0x2A00 << 112) + (0x5EFE << 32) + number)  # ISATAP


def as_the_system(host: str, port: int) -> list[str]:
    """What the system's resolver takes for an address by itself, odd spellings included; no name server is asked."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(one[4][0]) for one in found]


class Rebinding:
    """A name that leads to the open server first and inside from then on, or the other way round."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class Attack:
    """The servers, and one client per attempt, as deliveries have it."""

    def __init__(self) -> None:
        with ExitStack() as undo:
            self.inner = Listener("127.0.0.1")
            undo.callback(self.inner.close)
            self.inner_6 = Listener("::1", self.inner.port)
            undo.callback(self.inner_6.close)
            self.open = Listener(OPEN, self.inner.port)
            undo.callback(self.open.close)
            self.close = undo.pop_all().close
        self.port = self.inner.port
        self.rules = Rules(
            allow_http=True, ports=frozenset({self.port}), inner=frozenset({(OPEN, self.port)})
        )

    def post(self, host: str, resolve: Callable[[str, int], Sequence[str]] = as_the_system) -> str:
        """What became of it: an answer, or the class of the refusal."""
        client = OutsideClient(self.rules, resolve=resolve, connect_timeout=5.0, total_timeout=10.0)
        try:
            return str(client.post(f"http://{host}:{self.port}/hook", b"{}", {}).status)
        except KhalsiError as error:
            return type(error).__name__

    @property
    def reached(self) -> int:
        return self.inner.connections + self.inner_6.connections

    def redirecting(self, host: str, status: int) -> str:
        place = f"Location: http://{host}:{self.port}/"
        self.open.answer = f"HTTP/1.1 {status} Elsewhere\r\n{place}\r\nContent-Length: 0\r\n\r\n".encode()
        return self.post(OPEN)


@contextmanager
def an_attack() -> Iterator[Attack]:
    attack = Attack()
    try:
        yield attack
    finally:
        attack.close()


def by_spelling(attack: Attack, addresses: Sequence[IPv4Address]) -> list[str]:
    hosts = [host for address in addresses for host in spellings(address)]
    sixes = [*_MORE, *(str(end) for network in SPECIAL_6 for end in (network[0], network[-1]))]
    return [attack.post(host) for host in [*hosts, "localhost", *(f"[{six}]" for six in sixes)]]


def by_name(attack: Attack, addresses: Sequence[IPv4Address]) -> list[str]:
    """A proper name that leads inside: alone, behind an address that is fine, and before one."""
    said = []
    for address in addresses:
        for leads in (str(address), *map(str, carriers(address))):
            for answer in ([leads], [OPEN, leads], [leads, OPEN]):
                said.append(attack.post("hook.example", Rebinding(answer)))
    return said


def by_rebinding(attack: Attack, rounds: int) -> list[str]:
    """Looked up again for the connection, the name would lead inside; only what was looked at may be connected to."""
    inner = ("127.0.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1")
    said = []
    for round_ in range(rounds):
        leads = [inner[round_ % len(inner)]]
        said.append(attack.post("hook.example", Rebinding([OPEN], leads)))
        said.append(attack.post("hook.example", Rebinding(leads, [OPEN])))
    return said


def by_redirect(attack: Attack, statuses: Sequence[int] = (301, 302, 303, 307, 308)) -> list[str]:
    hosts = ("127.0.0.1", "2130706433", "[::1]", "0x7f.1", "localhost")
    return [attack.redirecting(host, status) for status in statuses for host in hosts]


def unguarded(attack: Attack) -> int:
    """How many of the spellings of loopback reach the inner servers where nobody guards: what the figures above are
    worth."""
    before = attack.reached
    for host in spellings(IPv4Address("127.0.0.1")):
        try:
            address = as_the_system(host.strip("[]"), attack.port)[0]
            with socket.create_connection((address, attack.port), timeout=0.5) as connection:
                connection.sendall(b"POST / HTTP/1.1\r\n\r\n")
                connection.recv(100)
        except (OSError, UnicodeError):
            continue
    return attack.reached - before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--each", type=int, default=20, help="addresses drawn from each special network")
    options = parser.parse_args()
    addresses = list(special_addresses(random.Random(options.seed), options.each))
    watched = Watched()
    rows: list[list[object]] = []
    with an_attack() as attack:
        ways: dict[str, Callable[[], list[str]]] = {
            "spelled in the URL": lambda: by_spelling(attack, addresses),
            "behind a name": lambda: by_name(attack, addresses),
            "re-binding name": lambda: by_rebinding(attack, 200),
            "redirect": lambda: by_redirect(attack),
        }
        for name, attempts in ways.items():
            watched.tried.clear()
            watched.is_on, before = True, attack.reached
            said = attempts()
            watched.is_on = False
            answered = sum(word.isdigit() for word in said)
            rows.append([name, len(said), answered, len(watched.tried), attack.reached - before])
        control = unguarded(attack)
    print(f"seed {options.seed}, {len(addresses)} special addresses")
    print_table(
        "Inner addresses (promise: 0 connections inside)",
        ["attack", "attempts", "answered by the open server", "tried inside", "reached inside"],
        rows,
    )
    print(f"  control: without the guard {control} spellings of 127.0.0.1 reach the inner servers")
    keep("inner_addresses", {"seed": options.seed, "rows": rows, "control": control})
    return int(any(row[3] or row[4] for row in rows) or control == 0)


if __name__ == "__main__":
    raise SystemExit(main())
