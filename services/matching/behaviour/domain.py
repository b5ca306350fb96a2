"""What organisations do, one line for each deed, never changed and never taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chassis.kernel.errors import Forbidden
from chassis.kernel.ids import derived_id


class RecordOfAnother(Forbidden):
    """The record of behaviour belongs to another organisation."""

    code = "record-of-another"
    hint = "Ask for your own organisation's record."
    chinese = "只能查看本组织的行为记录。"


class Deed(StrEnum):
    """What was done, in the words that are stored."""

    CHECKED_IN = "checked-in"
    BROUGHT_A_FRIEND = "brought-a-friend"
    HELD = "held"
    CALLED_OFF = "called-off"
    ANSWERED = "answered"
    DISPUTED = "disputed"
    SETTLED = "settled"
    RETURNED_FAIRLY = "returned-fairly"
    RATED = "rated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One deed of one organisation at one gathering.

    ``amount`` is stars for a rating, people for a gathering held, otherwise 1. ``origin``
    is what it follows from: the ticket, the refund, the gathering.
    """

    id: str
    organization_id: str
    deed: Deed
    gathering_id: str
    origin: str
    amount: int
    at: datetime


def record(
    deed: Deed,
    organization_id: str,
    *,
    gathering_id: str,
    origin: str,
    at: datetime,
    amount: int = 1,
) -> Record:
    """Note a deed; the same deed, of the same origin, has the same id."""
    return Record(
        id=derived_id("bhv", origin, deed, organization_id),
        organization_id=organization_id,
        deed=deed,
        gathering_id=gathering_id,
        origin=origin,
        amount=amount,
        at=at,
    )
