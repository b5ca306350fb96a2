"""What payments does when a copy is claimed, and when that is ruled on."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.dispatcher import Executor
from chassis.envelope import Event
from chassis.inbox import Handler, each
from chassis.kernel.time import Clock
from services.payments.ledger.use_cases import Ledger
from services.payments.naming.use_cases import Intentions
from services.payments.releases.use_cases import PendingShares
from services.payments.royalties.domain import RoyaltyHold
from services.payments.royalties.schemas import CopyClaimClosedSchema, CopyClaimOpenedSchema
from services.payments.royalties.use_cases import (
    Royalties,
    book_release,
    close_hold,
    open_hold,
    plan_release,
    record_release,
)


def fact_handlers(royalties: Royalties, intentions: Intentions) -> dict[str, Handler]:
    """Map catalog's facts about copy claims to what is done."""

    def on_opened(event: Event) -> None:
        open_hold(CopyClaimOpenedSchema().load(event.data), royalties=royalties)

    def on_closed(event: Event) -> None:
        command = CopyClaimClosedSchema().load(event.data)
        close_hold(command, royalties=royalties, intentions=intentions)

    return {
        "catalog.copy-claim.opened.v1": each(on_opened),
        "catalog.copy-claim.closed.v1": each(on_closed),
    }


def release_executor(
    royalties: Royalties, shares: PendingShares, ledger: Ledger, clock: Clock
) -> Executor:
    """Carry out the intent ``release-royalties``: pay out by the ruling, then remember it."""

    def plan(body: Mapping[str, str]) -> RoyaltyHold:
        # Intents from before all were recorded in one way name the copy claim otherwise.
        return plan_release(body.get("id") or body["copy_claim_id"], royalties=royalties)

    return Executor(
        plan=plan,
        submit=lambda hold: book_release(hold, ledger=ledger),
        record=lambda hold, _: record_release(
            hold, royalties=royalties, shares=shares, now=clock()
        ),
    )
