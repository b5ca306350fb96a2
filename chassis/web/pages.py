"""Lists by cursor, and versions by ETag (RFC 9110, section 8.8.3)."""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from flask import g, request

from chassis.kernel.decisions import Revision
from chassis.kernel.errors import Conflict, RuleBroken
from chassis.kernel.time import from_rfc3339, to_rfc3339

Item = TypeVar("Item")


class Revised(Protocol):
    """A state that knows where in its history it stands."""

    @property
    def revision(self) -> Revision:
        """The revision it was read at, or saved as."""
        ...


State = TypeVar("State", bound=Revised)
_NUMBER = re.compile("[0-9]{1,18}")  # what surely fits 64 bits


class CursorMalformed(RuleBroken):
    """The cursor was not given out by this list."""

    code = "cursor-malformed"
    hint = "Start again without a cursor and follow next_cursor."
    chinese = "游标无效，请从第一页重新开始。"


class IfMatchMissing(RuleBroken):
    """A change must say which version it was made on."""

    code = "if-match-missing"
    hint = "Send the ETag you were given as If-Match."
    chinese = "修改时必须用 If-Match 说明所依据的版本。"


class VersionChanged(Conflict):
    """The version named by If-Match is no longer the latest."""

    code = "version-changed"
    hint = "Read it again and repeat the change on what you find."
    chinese = "该记录已有更新的版本，请重新读取后再修改。"


def page(items: Sequence[Item], *, limit: int, position: Callable[[Item], str]) -> dict[str, Any]:
    """Answer one page from up to ``limit + 1`` items, the last showing that there is more."""
    shown = items[:limit]
    more = len(items) > limit
    return {"items": shown, "next_cursor": cursor_of(position(shown[-1])) if more else None}


def cursor_of(position: str) -> str:
    """Wrap a position so that nobody builds one by hand."""
    return urlsafe_b64encode(position.encode()).rstrip(b"=").decode()


def position_of(cursor: str | None) -> str | None:
    """Unwrap a cursor; raise ``CursorMalformed`` for any other text."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return b64decode(padded, altchars=b"-_", validate=True).decode()
    except (Base64Error, ValueError):
        raise CursorMalformed(f"not a cursor: {cursor[:40]!r}") from None


def number_of(cursor: str | None) -> int:
    """Unwrap a cursor that is a number, 0 for none; raise ``CursorMalformed`` for others."""
    position = position_of(cursor) or "0"
    if not _NUMBER.fullmatch(position):
        raise CursorMalformed(f"not a cursor of this list: {position[:40]!r}")
    return int(position)


class Rank(NamedTuple):
    """A place in a list that is ordered by a number, and of equals by id."""

    number: int
    id: str

    def __str__(self) -> str:
        """The position that ``rank_of`` reads."""
        return f"{self.number}:{self.id}"


def rank_of(cursor: str | None) -> Rank | None:
    """Unwrap a cursor that is a rank; raise ``CursorMalformed`` for others."""
    position = position_of(cursor)
    if position is None:
        return None
    number, _, name = position.partition(":")
    if not _NUMBER.fullmatch(number) or not name:
        raise CursorMalformed(f"not a cursor of this list: {position[:40]!r}")
    return Rank(int(number), name)


class Place(NamedTuple):
    """A place in a list that is ordered by a time, and of equals by id.

    For rows whose id keeps another time than the one they are listed by.
    """

    at: datetime
    id: str

    def __str__(self) -> str:
        """The position that ``place_of`` reads."""
        return f"{to_rfc3339(self.at)} {self.id}"


def place_of(cursor: str | None) -> Place | None:
    """Unwrap a cursor that is a place; raise ``CursorMalformed`` for others."""
    position = position_of(cursor)
    if position is None:
        return None
    moment, _, name = position.partition(" ")
    try:
        return Place(from_rfc3339(moment), name)
    except ValueError:
        raise CursorMalformed(f"not a cursor of this list: {position[:40]!r}") from None


def etag(version: int) -> None:
    """Give the answer the ETag of this version."""
    g.etag = f'"{version}"'


def tagged(state: State) -> State:
    """Answer with a state and the ETag of its version."""
    etag(state.revision.version)
    return state


def check_if_match(version: int) -> None:
    """Raise unless the request's ``If-Match`` names this version."""
    given = request.headers.get("If-Match")
    if given is None:
        raise IfMatchMissing
    if given.strip() not in {f'"{version}"', "*"}:
        raise VersionChanged(f"version {version} is the latest", version=version)
