"""A cache of replies, by target and ``Accept``."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_CACHEABLE: Final = b"public"


@dataclass(frozen=True, slots=True)
class CachedReply:
    """A cached reply: its header lines, entity tag and content."""

    head: bytes
    etag: bytes
    body: bytes

    @property
    def size(self) -> int:
        """Its size in memory in bytes, approximately."""
        return len(self.head) + len(self.body) + 500


Key = tuple[bytes, bytes]
_SEEN_ONCE: Final = 8_192  # requests that are remembered, to be known again


class ReplyCache:
    """The most recently used replies by the target and the ``Accept`` of their requests, up to *most* bytes.

    Only what is asked for a second time is kept: nobody can drive out what many want with what nobody will want again.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._kept: OrderedDict[Key, CachedReply] = OrderedDict()
        self._once: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> CachedReply | None:
        """Return the cached reply to such a request, or None."""
        reply = self._kept.get(key)
        if reply is not None:
            self._kept.move_to_end(key)
        return reply

    def put(self, key: Key, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        """Cache the reply to a request at its second time, if its headers allow it and it is not too large."""
        if not self._again(hash(key)):
            return
        fields = dict(headers)
        if _CACHEABLE not in fields.get(b"cache-control", b"") or b"etag" not in fields:
            return
        head = b"".join(b"%s: %s\r\n" % header for header in headers)
        reply = CachedReply(head, fields[b"etag"], body)
        size = reply.size + sum(map(len, key))
        if size > self.most // 8:
            return
        self.drop(key)
        self._kept[key] = reply
        self.size += size
        while self.size > self.most:
            self.drop(next(iter(self._kept)))

    def _again(self, key: int) -> bool:
        """Tell whether this key was requested before, and remember it if not."""
        if key in self._once:
            del self._once[key]
            return True
        self._once[key] = None
        if len(self._once) > _SEEN_ONCE:
            self._once.popitem(last=False)
        return False

    def drop(self, key: Key) -> None:
        """Remove a reply from the cache."""
        former = self._kept.pop(key, None)
        if former is not None:
            self.size -= former.size + sum(map(len, key))
