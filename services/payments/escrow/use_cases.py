"""What the claim saga asks of escrow. Booking comes first, outside the transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Message
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.contracts.domain import (
    ShareContract,
    SignedKit,
    TermsInvalid,
    are_valid,
    freeze,
)
from services.payments.contracts.use_cases import Contracts
from services.payments.escrow.domain import (
    ALREADY_RELEASED,
    NOT_ENOUGH_FUNDS,
    Escrow,
    EscrowState,
    Part,
)
from services.payments.escrow.events import HoldPlaced, HoldRefused, HoldReleased
from services.payments.ledger.domain import FloorBroken, HoldResolved, Outcome, retire
from services.payments.ledger.use_cases import Ledger, hold_or_retire

NOT_ENOUGH_FUNDS_DETAIL = "the offer's fund does not suffice"


class Escrows(Protocol):
    """The escrows, wherever they are kept."""

    def find(self, claim_ids: Sequence[str]) -> dict[str, Escrow]:
        """Those there are, by claim."""
        ...

    def save(self, escrow: Escrow, messages: Sequence[Message] = ()) -> None:
        """Store the state and its replies together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """The saga's wish to set a claim's subsidies aside on these terms.

    Of a lot it is one subsidy of ``offer_id``; of a ``kit`` one for each offer, or none.
    """

    message_id: str
    claim_id: str
    offer_id: str
    brand_id: str
    host_id: str
    subsidies: Mapping[str, Money]
    currency: str
    terms: Mapping[str, int]
    saga_id: str
    kit: SignedKit | None = None

    @property
    def is_valid(self) -> bool:
        """Whether its terms make a contract."""
        return are_valid(self.terms, self.kit)

    def escrow(self) -> Escrow:
        """The escrow it would make."""
        return Escrow(
            self.claim_id,
            tuple(Part(offer_id, amount) for offer_id, amount in self.subsidies.items()),
            derived_id("ctr", self.claim_id),
            EscrowState.HELD,
            self.currency,
        )

    def contract(self, at: datetime) -> ShareContract:
        """The contract it freezes; raise ``TermsInvalid``."""
        return freeze(
            claim_id=self.claim_id,
            offer_id=self.offer_id,
            brand_id=self.brand_id,
            host_id=self.host_id,
            terms=self.terms,
            at=at,
            currency=self.currency,
            kit=self.kit,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold:
    """The saga's wish to have a claim's subsidy back in its fund."""

    message_id: str
    claim_id: str
    offer_id: str
    saga_id: str


def book_holds(
    commands: Sequence[PlaceHold], *, escrows: Escrows, ledger: Ledger
) -> dict[str, Outcome]:
    """Book the holds of new claims whose terms are valid; their outcomes, by claim."""
    known = escrows.find([command.claim_id for command in commands])
    fresh = [
        command
        for command in commands
        if command.claim_id not in known and command.escrow().amount and command.is_valid
    ]
    outcomes = hold_or_retire([command.escrow().hold_entry() for command in fresh], ledger=ledger)
    return {command.claim_id: out for command, out in zip(fresh, outcomes, strict=True)}


def record_holds(
    commands: Sequence[PlaceHold],
    outcomes: Mapping[str, Outcome],
    *,
    escrows: Escrows,
    contracts: Contracts,
    now: datetime,
) -> None:
    """Answer the saga for each: placed, with the contract frozen; or refused, and why."""
    known = escrows.find([command.claim_id for command in commands])
    for command in commands:
        escrow = known.get(command.claim_id)
        if escrow is not None:
            escrows.save(escrow, (_answer_again(command, escrow, now),))
            continue
        refusal = _refusal(command, outcomes.get(command.claim_id), now)
        if refusal is not None:
            escrows.save(command.escrow().become(EscrowState.REFUSED), (refusal,))
            continue
        contracts.add(command.contract(now))
        escrows.save(command.escrow(), (_placed(command, now),))


def book_confirmed(
    claim_ids: Sequence[str], *, escrows: Escrows, ledger: Ledger
) -> dict[str, Outcome]:
    """Post the holds of claims that were confirmed."""
    held = [escrow for escrow in escrows.find(claim_ids).values() if escrow.amount]
    outcomes = ledger.submit([escrow.post_entry() for escrow in held]) if held else []
    return {escrow.id: outcome for escrow, outcome in zip(held, outcomes, strict=True)}


def record_confirmed(
    claim_ids: Sequence[str], outcomes: Mapping[str, Outcome], *, escrows: Escrows
) -> None:
    """Note what is in escrow now; a hold that was let go meanwhile stays let go."""
    for escrow in escrows.find(claim_ids).values():
        outcome = outcomes.get(escrow.id)
        if escrow.state is EscrowState.HELD and (outcome is None or outcome.stands):
            escrows.save(escrow.become(EscrowState.ESCROWED))


def book_releases(commands: Sequence[ReleaseHold], *, escrows: Escrows, ledger: Ledger) -> None:
    """Bring each subsidy back, whether it was still on hold or in escrow already.

    One that was not on hold before cannot be any more.
    """
    known = escrows.find([command.claim_id for command in commands])
    for escrow in known.values():
        release(escrow, ledger=ledger)
    early = [_never_held(command) for command in commands if command.claim_id not in known]
    retired = ledger.submit([retire(escrow.hold_id) for escrow in early]) if early else []
    placed = [one for one, outcome in zip(early, retired, strict=True) if not outcome.stands]
    for outcome in ledger.submit([one.void_entry() for one in placed]) if placed else ():
        outcome.or_raise()


def release(escrow: Escrow, *, ledger: Ledger) -> None:
    """Bring a subsidy back into its fund; doing it again changes nothing."""
    if not escrow.amount or escrow.is_settled:
        return
    (outcome,) = ledger.submit([escrow.void_entry()])
    if outcome.code == HoldResolved.code:
        (outcome,) = ledger.submit([escrow.return_entry()])
    outcome.or_raise()


def record_releases(commands: Sequence[ReleaseHold], *, escrows: Escrows, now: datetime) -> None:
    """Answer the saga; remember a release that overtook its hold, so that it wins."""
    known = escrows.find([command.claim_id for command in commands])
    for command in commands:
        escrow = known.get(command.claim_id) or _never_held(command)
        if not escrow.is_settled:
            escrow = escrow.become(EscrowState.RELEASED)
        answer = HoldReleased(
            id=derived_id("msg", command.message_id, "reply"),
            correlation_id=command.saga_id,
            occurred_at=now,
            claim_id=command.claim_id,
        )
        escrows.save(escrow, (answer,))


def _never_held(command: ReleaseHold) -> Escrow:
    return Escrow(command.claim_id, (), "", EscrowState.RELEASED)


def _answer_again(command: PlaceHold, escrow: Escrow, now: datetime) -> Message:
    if escrow.state is EscrowState.REFUSED:
        return _refused(command, NOT_ENOUGH_FUNDS, NOT_ENOUGH_FUNDS_DETAIL, now)
    if escrow.state is EscrowState.RELEASED:
        return _refused(command, ALREADY_RELEASED, "the claim was released before", now)
    return _placed(command, now)


def _placed(command: PlaceHold, now: datetime) -> HoldPlaced:
    return HoldPlaced(
        id=derived_id("msg", command.message_id, "reply"),
        correlation_id=command.saga_id,
        occurred_at=now,
        claim_id=command.claim_id,
        contract_id=derived_id("ctr", command.claim_id),
    )


def _refused(command: PlaceHold, code: str, detail: str, now: datetime) -> HoldRefused:
    return HoldRefused(
        id=derived_id("msg", command.message_id, "reply"),
        correlation_id=command.saga_id,
        occurred_at=now,
        claim_id=command.claim_id,
        code=code,
        detail=detail,
    )


def _refusal(command: PlaceHold, outcome: Outcome | None, now: datetime) -> HoldRefused | None:
    if not command.is_valid:
        return _refused(command, TermsInvalid.code, TermsInvalid.title(), now)
    if outcome is None or outcome.stands:
        return None
    if outcome.code == FloorBroken.code:
        return _refused(command, NOT_ENOUGH_FUNDS, NOT_ENOUGH_FUNDS_DETAIL, now)
    return _refused(command, outcome.code, outcome.detail, now)
