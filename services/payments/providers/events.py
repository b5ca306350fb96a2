"""What becomes known about operations at payment providers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent


class OfOperation:
    """Orders events by the operation."""

    __slots__ = ()
    operation_id: str

    @property
    def subject(self) -> str:
        """The operation."""
        return self.operation_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationSucceeded(OfOperation, DomainEvent):
    """A provider did what it was asked; ``about`` is the id of what it was for."""

    type: ClassVar[str] = "payments.provider.succeeded.v1"
    operation_id: str
    provider: str
    kind: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFailed(OfOperation, DomainEvent):
    """A provider did not do it, or undid it when ``had_succeeded``; nothing follows."""

    type: ClassVar[str] = "payments.provider.failed.v1"
    operation_id: str
    provider: str
    kind: str
    about: str
    code: str
    had_succeeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationAlarmed(OfOperation, DomainEvent):
    """An operation needs a person: it is stuck, or what the provider says cannot be."""

    type: ClassVar[str] = "payments.provider.alarmed.v1"
    operation_id: str
    provider: str
    kind: str
    about: str
    code: str
    detail: str
