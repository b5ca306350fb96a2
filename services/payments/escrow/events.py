"""What escrow answers to the claim saga."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import Message

SAGA_REPLIES = "teahouse.matching.saga-replies"


class ToSaga:
    """Orders a reply with the others of its saga."""

    __slots__ = ()
    correlation_id: str

    @property
    def key(self) -> str:
        """The saga."""
        return self.correlation_id


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced(ToSaga, Message):
    """The subsidy is on hold and the contract frozen."""

    type: ClassVar[str] = "payments.reply.hold-placed.v1"
    topic: ClassVar[str] = SAGA_REPLIES
    claim_id: str
    contract_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRefused(ToSaga, Message):
    """The subsidy could not be put on hold; ``code`` says why."""

    type: ClassVar[str] = "payments.reply.hold-refused.v1"
    topic: ClassVar[str] = SAGA_REPLIES
    claim_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(ToSaga, Message):
    """Nothing of the subsidy is set aside for this claim any more."""

    type: ClassVar[str] = "payments.reply.hold-released.v1"
    topic: ClassVar[str] = SAGA_REPLIES
    claim_id: str
