"""Settlements and refunds over MongoDB."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace

from chassis import outbox
from chassis.kernel.decisions import Decision, Message
from chassis.kernel.money import Money
from services.payments.contracts.domain import Party
from services.payments.escrow.domain import Escrow, EscrowState, parts_of, rows_of
from services.payments.naming.domain import Earning
from services.payments.releases.domain import Source
from services.payments.royalties.domain import Portion
from services.payments.settlements.documents import (
    EarningDocument,
    PartyDocument,
    RefundDocument,
    SettlementDocument,
)
from services.payments.settlements.domain import (
    Lacking,
    Purpose,
    Refund,
    RefundState,
    Settlement,
    SettlementNotFound,
    SettlementState,
)
from sharing.explaining import Reason
from sharing.terms import Rounding, Terms, by_points


class MongoSettlements:
    """The ``Settlements`` port over the ``settlements`` collection."""

    def get(self, settlement_id: str) -> Settlement:
        """Raise ``SettlementNotFound`` rather than return None."""
        document = SettlementDocument.objects(pk=settlement_id).first()
        if document is None:
            raise SettlementNotFound(f"no settlement {settlement_id}")
        return to_settlement(document)

    def of(self, gathering_id: str) -> Settlement | None:
        """The settlement of a gathering, if there is one."""
        document = SettlementDocument.objects(gathering_id=gathering_id).first()
        return None if document is None else to_settlement(document)

    def save(self, decision: Decision[Settlement]) -> Settlement:
        """Store the state and its events together, or raise ``Conflict``."""
        settlement = decision.state
        revision = outbox.save(
            _settlement_document(settlement),
            settlement.revision,
            decision.events,
            decision.messages,
        )
        return replace(settlement, revision=revision)


class MongoRefunds:
    """The ``Refunds`` port over the ``refunds`` collection."""

    def find(self, refund_id: str) -> Refund | None:
        """The refund, if it was planned."""
        document = RefundDocument.objects(pk=refund_id).first()
        return None if document is None else _to_refund(document)

    def of(self, settlement_id: str) -> list[Refund]:
        """Those that were taken back from a settlement's shares, booked or about to be."""
        found = RefundDocument.objects(settlement_id=settlement_id).order_by("id")
        return [_to_refund(document) for document in found]

    def save(self, decision: Decision[Refund]) -> Refund:
        """Store the state and its events together, or raise ``Conflict``."""
        refund = decision.state
        revision = outbox.save(
            _refund_document(refund), refund.revision, decision.events, decision.messages
        )
        return replace(refund, revision=revision)


class OutboxReplies:
    """The ``Replies`` port over the outbox."""

    def send(self, message: Message) -> None:
        """Send it with this transaction."""
        outbox.append(messages=(message,))


def to_settlement(document: SettlementDocument) -> Settlement:
    """Read a settlement; its escrow is as it was when the settlement was planned."""
    currency, parties = document.currency, _parties(document.parties)
    return Settlement(
        id=document.id,
        gathering_id=document.gathering_id,
        contract_id=document.contract_id,
        escrow=Escrow(
            document.claim_id,
            parts_of(
                document.subsidies,
                currency,
                offer_id=document.offer_id,
                minor=document.subsidy_minor,
            ),
            document.contract_id,
            EscrowState.ESCROWED,
            currency,
        ),
        contract_version=document.contract_version or 1,
        terms=Terms(document.terms) if document.terms else _terms_before(parties, currency),
        parties=parties,
        shares=tuple(document.shares),
        takings=Money(document.takings_minor, currency),
        checked_in=document.checked_in,
        min_checked_in=document.min_checked_in,
        message_id=document.message_id,
        saga_id=document.saga_id,
        earning=_to_earning(document.earning, currency),
        state=SettlementState(document.state),
        revision=document.revision(),
    )


def _terms_before(parties: tuple[Party, ...], currency: str) -> Terms:
    """The terms of a settlement from before contracts were data: roles by their weights."""
    points: dict[str, int] = {}
    for party in parties:
        points[party.role] = points.get(party.role, 0) + party.weight
    return by_points(points, {}, currency, rounding=Rounding.EACH_SALE)


def _to_earning(document: EarningDocument | None, currency: str) -> Earning | None:
    if document is None:
        return None
    host = Money(document.host_minor, currency)
    platform = Money(document.platform_minor, currency)
    return Earning(document.naming_rights_id, document.number, host + platform, host, platform)


def _settlement_document(settlement: Settlement) -> SettlementDocument:
    earning = settlement.earning
    return SettlementDocument(
        id=settlement.id,
        gathering_id=settlement.gathering_id,
        claim_id=settlement.claim_id,
        contract_id=settlement.contract_id,
        subsidies=rows_of(settlement.escrow.parts),
        currency=settlement.takings.currency,
        parties=_party_documents(settlement.parties),
        shares=list(settlement.shares),
        terms=dict(settlement.terms.data),
        contract_version=settlement.contract_version,
        takings_minor=settlement.takings.minor,
        checked_in=settlement.checked_in,
        min_checked_in=settlement.min_checked_in,
        earning=earning
        and EarningDocument(
            naming_rights_id=earning.naming_rights_id,
            number=earning.number,
            host_minor=earning.host_share.minor,
            platform_minor=earning.platform_share.minor,
        ),
        message_id=settlement.message_id,
        saga_id=settlement.saga_id,
        state=settlement.state.value,
    )


def _to_refund(document: RefundDocument) -> Refund:
    return Refund(
        id=document.id,
        gathering_id=document.gathering_id,
        sale_id=document.sale_id,
        amount=Money(document.amount_minor, document.currency),
        settlement_id=document.settlement_id,
        parties=_parties(document.parties),
        shares=tuple(document.shares),
        state=RefundState(document.state),
        message_id=document.message_id or "",
        saga_id=document.saga_id,
        code=document.code or "",
        detail=document.detail or "",
        accounts=_accounts(document),
        payouts=tuple(Portion(**row) for row in document.payouts),
        purpose=Purpose(document.purpose or Purpose.REFUND),
        lacking=Lacking(document.lacking or Lacking.NONE),
        reasons=tuple(Reason(**{**row, "path": tuple(row["path"])}) for row in document.reasons),
        revision=document.revision(),
    )


def _accounts(document: RefundDocument) -> dict[str, str]:
    """By share; of a refund planned before rulings had shares of their own, by organisation."""
    return {
        name if name.startswith("psh_") else Source(document.settlement_id, name).share_id: account
        for name, account in document.accounts.items()
    }


def _refund_document(refund: Refund) -> RefundDocument:
    return RefundDocument(
        id=refund.id,
        gathering_id=refund.gathering_id,
        sale_id=refund.sale_id,
        amount_minor=refund.amount.minor,
        currency=refund.amount.currency,
        settlement_id=refund.settlement_id,
        parties=_party_documents(refund.parties),
        shares=list(refund.shares),
        accounts=dict(refund.accounts),
        payouts=[payout._asdict() for payout in refund.payouts],
        reasons=[asdict(reason) for reason in refund.reasons],
        purpose=None if refund.purpose is Purpose.REFUND else refund.purpose.value,
        lacking=None if refund.lacking is Lacking.NONE else refund.lacking.value,
        state=refund.state.value,
        code=refund.code,
        detail=refund.detail,
        message_id=refund.message_id,
        saga_id=refund.saga_id,
    )


def _parties(documents: Iterable[PartyDocument]) -> tuple[Party, ...]:
    return tuple(
        Party(
            found.role,
            found.organization_id,
            found.weight,
            copy_claim_id=found.copy_claim_id or "",
            is_held=bool(found.is_held),
        )
        for found in documents
    )


def _party_documents(parties: Iterable[Party]) -> list[PartyDocument]:
    return [
        PartyDocument(
            role=party.role,
            organization_id=party.organization_id,
            weight=party.weight,
            copy_claim_id=party.copy_claim_id or None,
            is_held=party.is_held or None,
        )
        for party in parties
    ]
