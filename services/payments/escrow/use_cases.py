"""What the claim saga asks of escrow. Booking comes first, outside the transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Message, NotYet
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
from services.payments.funds.domain import REACHED, OfferFund, Quota, cap_reached
from services.payments.funds.use_cases import OfferFunds
from services.payments.ledger.domain import (
    ID_RETIRED,
    ChainRefused,
    EntryRequest,
    FloorBroken,
    HoldResolved,
    IdConflict,
    OriginalNotFound,
    Outcome,
    retire,
)
from services.payments.ledger.use_cases import Ledger, hold_or_retire

DETAILS = {
    NOT_ENOUGH_FUNDS: "the offer's fund does not suffice",
    **{rule.code: rule.title() for rule in REACHED.values()},
}
Funds = Mapping[str, OfferFund | None]
NO_FUNDS: Funds = MappingProxyType({})


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
    requested_at: datetime
    kit: SignedKit | None = None

    @property
    def is_valid(self) -> bool:
        """Whether its terms make a contract."""
        return are_valid(self.terms, self.kit)

    def quotas(self, funds: Funds) -> dict[str, tuple[Quota, ...]]:
        """The quotas that it takes from, by offer; an offer not known yet has no money either."""
        return {
            offer_id: fund.caps.quotas(offer_id, self.host_id, self.requested_at) if fund else ()
            for offer_id, fund in ((offer_id, funds.get(offer_id)) for offer_id in self.subsidies)
        }

    def escrow(self, funds: Funds = NO_FUNDS) -> Escrow:
        """The escrow it would make."""
        quotas = self.quotas(funds)
        return Escrow(
            self.claim_id,
            tuple(
                Part(offer_id, amount, tuple(quota.account for quota in quotas[offer_id]))
                for offer_id, amount in self.subsidies.items()
            ),
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


class Booked(NamedTuple):
    """What was submitted for a claim, and what became of it."""

    escrow: Escrow
    outcome: Outcome


def book_holds(
    commands: Sequence[PlaceHold], *, escrows: Escrows, funds: OfferFunds, ledger: Ledger
) -> dict[str, Booked]:
    """Book the holds of new claims whose terms are valid; what became of them, by claim.

    A hold takes the money and every quota of its offers in one entry, so that all caps are
    kept together, whoever else claims at the same time.
    """
    known = escrows.find([command.claim_id for command in commands])
    fresh = [
        command
        for command in commands
        if command.claim_id not in known and any(command.subsidies.values()) and command.is_valid
    ]
    names = dict.fromkeys(offer_id for command in fresh for offer_id in command.subsidies)
    found = {offer_id: funds.find(offer_id) for offer_id in names}
    wanted = [command.escrow(found) for command in fresh]
    outcomes = hold_or_retire(
        [escrow.hold_entry() for escrow in wanted],
        ledger=ledger,
        openings={
            escrow.hold_id: [
                quota.opening() for each in command.quotas(found).values() for quota in each
            ]
            for command, escrow in zip(fresh, wanted, strict=True)
        },
        reason_of=_cap_that_refused,
    )
    return {
        escrow.id: Booked(escrow, outcome)
        for escrow, outcome in zip(wanted, outcomes, strict=True)
    }


def record_holds(
    commands: Sequence[PlaceHold],
    booked: Mapping[str, Booked],
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
        held = booked.get(command.claim_id)
        escrow = held.escrow if held else command.escrow()
        refusal = _refusal(command, held and held.outcome, now)
        if refusal is not None:
            escrows.save(escrow.refuse(refusal.code), (refusal,))
            continue
        contracts.add(command.contract(now))
        escrows.save(escrow, (_placed(command, now),))


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


def book_clawback(
    entries_from: Callable[[str], Sequence[EntryRequest]],
    accounts: Sequence[str],
    *,
    ledger: Ledger,
) -> None:
    """Book a clawback out of the first of these accounts that has it; again changes nothing.

    Raises ``NotYet`` while the entry that it takes back is not booked.
    """
    for account in dict.fromkeys(accounts):
        outcomes = ledger.submit(entries_from(account))
        codes = {outcome.code for outcome in outcomes if not outcome.stands}
        # The id of another of them: it stands out of a later account since this was booked.
        if not codes & {FloorBroken.code, IdConflict.code}:
            break
    if OriginalNotFound.code in codes:
        raise NotYet("what it takes back is being booked")
    for outcome in outcomes:
        if outcome.code != ChainRefused.code:
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
        return _refused_as(command, escrow.refusal or NOT_ENOUGH_FUNDS, "refused before", now)
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


def _refused_as(command: PlaceHold, code: str, detail: str, now: datetime) -> HoldRefused:
    """The refusal in its own words, if the code has any; else in those given."""
    return _refused(command, code, DETAILS.get(code, detail), now)


def _refusal(command: PlaceHold, outcome: Outcome | None, now: datetime) -> HoldRefused | None:
    if not command.is_valid:
        return _refused(command, TermsInvalid.code, TermsInvalid.title(), now)
    if outcome is None or outcome.stands:
        return None
    if outcome.code == FloorBroken.code:
        return _refused_as(command, NOT_ENOUGH_FUNDS, outcome.detail, now)
    return _refused_as(command, outcome.code, outcome.detail, now)


def _cap_that_refused(outcome: Outcome) -> str:
    """The code of the cap that refused a hold; of anything else there is none to keep."""
    rule = cap_reached(outcome.account)
    return rule.code if rule else ID_RETIRED
