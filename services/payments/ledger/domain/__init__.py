"""Entries as the rest of payments sees them: requests, outcomes, accounts, refusals."""

from services.payments.ledger.domain.accounts import floor_of
from services.payments.ledger.domain.entries import (
    EntryRequest,
    Leg,
    expire,
    hold,
    plain,
    post,
    transfer,
    void,
)
from services.payments.ledger.domain.outcomes import Outcome, Round, Status
from services.payments.ledger.domain.refusals import (
    REFUSALS,
    AccountNotInChart,
    BadLegs,
    EntryMalformed,
    ExceedsHold,
    FloorBroken,
    HoldExpired,
    HoldNotExpired,
    HoldNotFound,
    HoldResolved,
    IdConflict,
    LedgerUnavailable,
    LegsDifferFromHold,
    NotBalanced,
)
from services.payments.ledger.engine.columns import Kind

__all__ = [
    "REFUSALS",
    "AccountNotInChart",
    "BadLegs",
    "EntryMalformed",
    "EntryRequest",
    "ExceedsHold",
    "FloorBroken",
    "HoldExpired",
    "HoldNotExpired",
    "HoldNotFound",
    "HoldResolved",
    "IdConflict",
    "Kind",
    "LedgerUnavailable",
    "Leg",
    "LegsDifferFromHold",
    "NotBalanced",
    "Outcome",
    "Round",
    "Status",
    "expire",
    "floor_of",
    "hold",
    "plain",
    "post",
    "transfer",
    "void",
]
