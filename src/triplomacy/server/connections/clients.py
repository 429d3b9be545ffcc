"""Clients: their addresses behind trusted proxies, and a token bucket for each that bounds its rate."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

CHEAP: Final = 0.01
"""Tokens that a cached reply costs, where a computed one costs 1."""

_PROXIES: Final = frozenset({b"forwarded", b"x-forwarded-for", b"via"})  # headers that a proxy adds
_MOST: Final = 20_000  # clients that are remembered


def client(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Return the address of the client: that of the connection, or the one that a trusted proxy forwards.

    Of an address of IPv6 the network of 64 bits counts, since one customer has at least that.

    Args:
        peer: the address at the other end of the connection.
        forwarded: the values of ``X-Forwarded-For``, each proxy's added at the end.
        trusted: the networks of proxies that are believed.
    """
    address = peer
    if trusted and is_in_networks(peer, trusted):
        for one in reversed(forwarded.split(",")):
            if not (one := one.strip()):
                continue
            if not _is_address(one):
                break
            address = one
            if not is_in_networks(one, trusted):
                break
    if ":" in address and _is_address(address):
        mapped = ipaddress.IPv6Address(address.partition("%")[0]).ipv4_mapped
        if mapped is not None:
            return str(mapped)
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False).network_address)
    return address


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_in_networks(address: str, networks: Sequence[Network]) -> bool:
    """Tell whether an address is in one of the networks."""
    if not _is_address(address):
        return False
    ip = ipaddress.ip_address(address)
    return any(ip in network for network in networks)


def is_loopback(address: str) -> bool:
    """Tell whether an address is a loopback address."""
    return _is_address(address) and ipaddress.ip_address(address).is_loopback


def is_local_operator(peer: str, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Tell whether a request comes from this machine itself, and not through a proxy or a page of another host.

    A proxy says that it asks for somebody else. A page of another host, whose name it has had point to this machine
    (DNS rebinding), has its browser send that name as ``Host``.

    Args:
        peer: the address at the other end of the connection.
        headers: of the request, with names in small letters.
    """
    hosts = {value.decode("latin-1") for name, value in headers if name == b"host"}
    return (
        is_loopback(peer) and not _PROXIES & {name for name, _ in headers} and all(map(_is_address_or_localhost, hosts))
    )


def _is_address_or_localhost(host: str) -> bool:
    """Tell whether a ``Host`` is an IP address or ``localhost``: no DNS server can point these elsewhere."""
    bare = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return bare.lower() == "localhost" or _is_address(bare)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """Token buckets by client: *burst* tokens at most, refilled by *rate* tokens a second."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, client: str, cost: float = 1.0) -> float:
        """Take tokens from a client's bucket and return 0, or else the seconds until there are enough."""
        if not self.rate:
            return 0.0
        now = monotonic()
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._buckets[client] = _Bucket(self.burst, now)
            if len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(client)
            bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.at) * self.rate)
            bucket.at = now
        if bucket.tokens < cost:
            return (cost - bucket.tokens) / self.rate
        bucket.tokens -= cost
        return 0.0
