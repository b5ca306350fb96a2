"""What an earlier version has stored, and left in the middle, is still understood."""

from __future__ import annotations

from services.payments.releases.domain import Source
from services.payments.royalties.domain import RoyaltyHold, RoyaltyHoldNotFound
from services.payments.royalties.handlers import release_executor
from services.payments.settlements import repositories
from services.payments.settlements.documents import RefundDocument
from tests.builders.payments import (
    AUTHOR,
    HOST,
    NOW,
    VENUE,
    FakeLedger,
    FakePendingShares,
    FakeRoyalties,
    an_id,
)

SETTLEMENT = an_id("stl")


def test_accounts_of_a_planned_refund_by_organisation_are_those_of_the_settlement_s_shares():
    newer = Source(an_id("cpc"), VENUE).share_id
    document = RefundDocument(
        id=an_id("rfd"),
        gathering_id=an_id("gth"),
        sale_id=an_id("sal"),
        amount_minor=1,
        currency="CNY",
        settlement_id=SETTLEMENT,
        accounts={HOST: f"org:{HOST}:debt", newer: f"org:{VENUE}:available"},
        state="planned",
        saga_id=an_id("sag"),
    )

    found = repositories._to_refund(document)

    assert found.accounts == {
        Source(SETTLEMENT, HOST).share_id: f"org:{HOST}:debt",
        newer: f"org:{VENUE}:available",
    }


def test_an_intent_to_pay_royalties_out_names_its_copy_claim_in_either_way():
    hold = RoyaltyHold(an_id("cpc"), "sha256:" + "5a" * 32, VENUE, AUTHOR)
    royalties = FakeRoyalties(RoyaltyHoldNotFound, hold)
    executor = release_executor(royalties, FakePendingShares(KeyError), FakeLedger(), lambda: NOW)

    planned = [executor.plan({name: hold.id}) for name in ("id", "copy_claim_id")]

    assert planned == [royalties.get(hold.id)] * 2
