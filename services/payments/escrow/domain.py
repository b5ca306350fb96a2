"""The life of a claim's escrow, and the entries each step books. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from chassis.kernel.decisions import Revision
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    QUOTA,
    QUOTAS_GIVEN,
    EntryRequest,
    Leg,
    chain,
    hold,
    pending_of,
    plain,
    post,
    reverse,
    transfer,
    void,
)

NOT_ENOUGH_FUNDS = "not-enough-funds"
ALREADY_RELEASED = "already-released"
RETURN = "return"
"""The part of a clawback that fills the funds again."""


class EscrowState(StrEnum):
    """How far a subsidy has come."""

    HELD = "held"
    ESCROWED = "escrowed"
    PAID = "paid"
    RELEASED = "released"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Part:
    """What one offer gives to a claim, and the quotas of the offer that it takes from."""

    offer_id: str
    amount: Money
    quotas: tuple[str, ...] = ()

    @property
    def fund(self) -> str:
        """Where it came from, and goes back to."""
        return f"offer:{self.offer_id}:fund"


def parts_of(
    rows: Sequence[Mapping[str, Any]], currency: str, *, offer_id: str | None, minor: int | None
) -> tuple[Part, ...]:
    """Parts as ``rows_of`` wrote them; from before there were kits, the one of its offer."""
    if offer_id is not None:
        rows = [{"offer_id": offer_id, "minor": minor}]
    return tuple(
        Part(row["offer_id"], Money(int(row["minor"]), currency), tuple(row.get("quotas", ())))
        for row in rows
    )


def rows_of(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Parts as plain values, whose currency is kept beside them."""
    return [
        {"offer_id": part.offer_id, "minor": part.amount.minor, "quotas": list(part.quotas)}
        for part in parts
    ]


@dataclass(frozen=True, slots=True)
class Escrow:
    """The subsidies of one claim, zero included; its id is the claim's.

    A claim of a lot has one part; of a kit one for each offer it takes, or none. All of them
    are held, moved and let go in one entry, and so are the quotas they take from. ``refusal``
    is the code of what refused it, empty if nothing did.
    """

    id: str
    parts: tuple[Part, ...]
    contract_id: str
    state: EscrowState
    currency: str = "CNY"
    refusal: str = ""
    revision: Revision = Revision()

    @property
    def amount(self) -> Money:
        """All parts together."""
        return Money(sum(self.given), self.currency)

    @property
    def account(self) -> str:
        """Where the subsidy waits."""
        return f"claim:{self.id}:escrow"

    @property
    def hold_id(self) -> str:
        """The entry that put it on hold."""
        return derived_id("ent", self.id, "hold")

    @property
    def is_settled(self) -> bool:
        """Whether it is over, one way or the other."""
        return self.state in {EscrowState.PAID, EscrowState.RELEASED, EscrowState.REFUSED}

    @property
    def given(self) -> tuple[int, ...]:
        """What each part gave, in minor units."""
        return tuple(part.amount.minor for part in self.parts)

    def frees(self, returned: Sequence[int]) -> tuple[Leg, ...]:
        """The legs that give its quotas back, beside those that give so much of each part back."""
        back = tuple(
            Leg(quota, minor, QUOTA)
            for part, minor in zip(self.parts, returned, strict=True)
            for quota in part.quotas
            if minor
        )
        return (*back, Leg(QUOTAS_GIVEN, -sum(leg.minor for leg in back), QUOTA)) if back else ()

    @property
    def takes(self) -> tuple[Leg, ...]:
        """The legs that take from its quotas, beside those that take its money."""
        return tuple(replace(leg, minor=-leg.minor) for leg in self.frees(self.given))

    def refuse(self, code: str) -> Escrow:
        """The escrow of a claim whose subsidies could not be held, and why."""
        return replace(self, state=EscrowState.REFUSED, refusal=code)

    def become(self, state: EscrowState) -> Escrow:
        """The same subsidy, a step further."""
        return replace(self, state=state)

    def hold_entry(self) -> EntryRequest:
        """Hold the subsidies in the offers' funds, so that no other claim can have them."""
        legs = (
            *(Leg.of(part.fund, -part.amount) for part in self.parts if part.amount),
            Leg.of(self.account, self.amount),
            *self.takes,
        )
        reason = _reason(self, "held for the claim", "为该认领冻结")
        return hold(self.hold_id, legs, "subsidy-held", reason, reference=self.id)

    def post_entry(self) -> EntryRequest:
        """Move it into escrow: the claim is confirmed."""
        entry_id = derived_id("ent", self.id, "post")
        reason = _reason(self, "moved into escrow, the claim is confirmed", "认领确认，转入托管")
        return post(entry_id, self.hold_id, "subsidy-escrowed", reason, reference=self.id)

    def void_entry(self) -> EntryRequest:
        """Let go of the hold: the claim came to nothing."""
        entry_id = derived_id("ent", self.id, "void")
        reason = _reason(self, "let go, the claim came to nothing", "认领未成，解除冻结")
        return void(entry_id, self.hold_id, "subsidy-released", reason, reference=self.id)

    def return_entry(self) -> EntryRequest:
        """Bring it back from escrow into the funds."""
        entry_id = derived_id("ent", self.id, "return")
        reason = _reason(self, "returned to the fund", "退回补贴基金")
        legs = (
            Leg.of(self.account, -self.amount),
            *(Leg.of(part.fund, part.amount) for part in self.parts if part.amount),
            *self.frees(self.given),
        )
        return plain(entry_id, legs, "subsidy-returned", reason, reference=self.id)


@dataclass(frozen=True, slots=True)
class Paid:
    """An entry that paid the host of a subsidy and gave the rest of what it was about back.

    ``origin_id`` names the share that it brought her. In ``legs``, the entry's, what she got
    follows what left escrow. ``given`` and ``returned`` are by part, in minor units.
    """

    origin_id: str
    entry_id: str
    legs: tuple[Leg, ...]
    given: tuple[int, ...]
    returned: tuple[int, ...]

    def taken_back(self, escrow: str, amount: Money) -> tuple[Leg, ...]:
        """The legs of a reversal that takes so much of what she got back into escrow.

        All others are there and move nothing, as a reversal by single legs has them.
        """
        spent = [leg.account for leg in self.legs].index(escrow)
        moved = {spent: amount.minor, spent + 1: -amount.minor}
        return tuple(
            replace(leg, minor=moved.get(place, 0)) for place, leg in enumerate(self.legs)
        )


@dataclass(frozen=True, slots=True)
class Clawback:
    """What is taken back of one entry that paid a host of a subsidy.

    ``returned`` is what each part gets back by it; ``account`` says where the host's money
    lies, or that she owes it.
    """

    origin_id: str
    returned: tuple[int, ...]
    account: str

    @property
    def minor(self) -> int:
        """What the host gives back."""
        return sum(self.returned)

    def entries(
        self,
        paid: Paid,
        escrow: Escrow,
        host_id: str,
        *,
        account: str,
        name: str,
        reason: Mapping[str, Any],
    ) -> tuple[EntryRequest, ...]:
        """The chain that brings it back, all of it or nothing, out of one of her accounts.

        Her money is put where it was paid; the very legs that paid it are reversed; and what is
        in escrow again goes back to its funds with the quotas it had taken. The books let no
        leg be taken back beyond what it moved. ``name`` is what the ids of the entries are from.
        """
        pending, amount = pending_of(host_id), Money(self.minor, escrow.currency)
        legs = [
            Leg.of(escrow.account, -amount),
            *(
                Leg(part.fund, minor, escrow.currency)
                for part, minor in zip(escrow.parts, self.returned, strict=True)
                if minor
            ),
            *escrow.frees(self.returned),
        ]
        taken = reverse(
            clawback_id(name, self.origin_id, "clawback"),
            paid.entry_id,
            "clawback",
            reason,
            legs=paid.taken_back(escrow.account, amount),
            reference=paid.origin_id,
        )
        back = plain(
            clawback_id(name, self.origin_id, RETURN),
            legs,
            "subsidy-returned",
            reason,
            reference=paid.origin_id,
        )
        if account == pending:
            return chain(taken, back)
        moved = transfer(
            clawback_id(name, self.origin_id, "source"),
            account,
            pending,
            amount,
            "clawback",
            reason,
            reference=paid.origin_id,
        )
        return chain(moved, taken, back)


def clawback_id(name: str, origin_id: str, part: str) -> str:
    """The id of one entry of the chain that takes back, by ``name``, what ``origin_id`` paid."""
    return derived_id("ent", name, origin_id, part)


def _reason(escrow: Escrow, english: str, chinese: str) -> dict[str, object]:
    return {
        "why": {"en": f"Subsidy {english}", "zh": f"补贴{chinese}"},
        "claim_id": escrow.id,
        **_offers(escrow),
        "contract_id": escrow.contract_id,
    }


def _offers(escrow: Escrow) -> dict[str, object]:
    """Who gives: one offer by its id, several with what each gives, in minor units."""
    if len(escrow.parts) == 1:
        return {"offer_id": escrow.parts[0].offer_id}
    return {"offers": {part.offer_id: part.amount.minor for part in escrow.parts}}
