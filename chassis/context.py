"""Who is acting, and on whose account: the facts that travel beside every event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """What an event published now will say about how it came to be.

    ``correlation_id`` names the whole conversation (a saga), ``causation_id`` the message
    that led here, ``traceparent`` the trace in W3C form. ``reason`` is what is being
    done: an operation of the API, a type of message, a task. It is for the history of
    what changes now, and does not travel.
    """

    actor: str | None = None
    organization: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None
    reason: str | None = None


NOBODY = Context()
_current: ContextVar[Context] = ContextVar("context", default=NOBODY)


def current() -> Context:
    """The context of this request or this event."""
    return _current.get()


def bind(context: Context) -> Token[Context]:
    """Act under this context until ``unbind``; for code that cannot use ``bound``."""
    return _current.set(context)


def unbind(token: Token[Context]) -> None:
    """Return to the context before the ``bind`` that gave this token."""
    _current.reset(token)


@contextmanager
def bound(context: Context) -> Iterator[None]:
    """Act under this context inside the ``with``."""
    token = bind(context)
    try:
        yield
    finally:
        unbind(token)
