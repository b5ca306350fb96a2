"""What a provider can do, as data: a planner reads it, and no code asks for a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.payments.providers.domain.orders import Kind

WHOLE = 10_000


class PartyKind(StrEnum):
    """Whether a receiver is a business with an account at the provider, or a person."""

    ORGANIZATION = "organization"
    PERSON = "person"


class Timing(StrEnum):
    """When a provider says how a call ended: in its answer, or some time after it."""

    SYNCHRONOUS = "synchronous"
    ASYNCHRONOUS = "asynchronous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """One provider's terms.

    Ratios are basis points of what was collected; amounts are minor units by currency.
    ``None`` means without limit. ``release_after`` is when money that was frozen for
    splitting goes to the payee by itself; ``returns_within`` how long a split can be taken
    back, and ``cannot_return`` from whom it never can. ``keys_kept`` says how long the
    same operation id is surely the same operation: after that nothing is sent again.
    ``alarms_before`` is how long before ``release_after`` a person is told, and
    ``payouts_return_within`` how long a payout that SUCCEEDED may still come back.
    ``account_form`` is a regular expression of what a receiver's account looks like there.
    """

    kinds: frozenset[Kind]
    currencies: Mapping[str, int]  # code -> digits after the point in the provider's unit
    timing: Mapping[Kind, Timing] = field(default_factory=dict)  # synchronous where absent
    largest_ratio: int = WHOLE
    receivers_per_call: int = 1
    calls_per_order: int | None = None
    is_split_atomic: bool = True  # whether one receiver's failure fails the whole call
    registers_receivers: bool = False
    release_after: timedelta | None = None
    alarms_before: timedelta = timedelta(0)
    returns_within: timedelta | None = None
    cannot_return: frozenset[PartyKind] = frozenset()
    smallest_payout: Mapping[str, int] = field(default_factory=dict)
    smallest_share: int = 1
    largest_payout: Mapping[str, int] = field(default_factory=dict)
    payouts_return_within: timedelta = timedelta(0)
    calls_per_second: int | None = None
    keys_kept: timedelta | None = None
    account_form: str = r"[A-Z0-9]{8,34}"

    def can(self, kind: Kind) -> bool:
        """Whether it knows this kind of call at all."""
        return kind in self.kinds
