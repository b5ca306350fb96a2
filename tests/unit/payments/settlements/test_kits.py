"""A kit's takings go to its brands and authors as was signed, to the fen, and come back so."""

from __future__ import annotations

from dataclasses import replace

from chassis.kernel.decisions import Decision
from services.payments.contracts.domain import SignedKit
from services.payments.escrow.domain import Part
from services.payments.royalties.domain import Outcome, RoyaltyHold
from services.payments.settlements.use_cases import SettleGathering
from tests.builders.payments import (
    AUTHOR,
    BRAND,
    HOST,
    PARTIES,
    VENUE,
    FakeLedger,
    a_contract,
    a_sale,
    an_escrow,
    an_id,
    books,
    yuan,
)
from tests.unit.payments.settlements.test_use_cases import GATHERING, refund, settle

OTHER_BRAND, CO_AUTHOR = an_id("org"), an_id("org")
TERMS = {"brand": 6000, "host": 2000, "venue": 1000, "author": 501, "platform": 499}
SIGNED = SignedKit(
    kit_id=an_id("kit"),
    terms_digest="sha256:" + "5a" * 32,
    price=yuan(1000),
    brand_shares={BRAND: 3501, OTHER_BRAND: 2499},
    royalties={AUTHOR: 7_000, CO_AUTHOR: 3_000},
)
OFFERS = an_id("off"), an_id("off")
DIGEST = "sha256:" + "5a" * 32


def an_evening_with_a_kit(*amounts, checked_in=16):
    contract = a_contract(offer_id="", terms=TERMS, kit=SIGNED)
    parts = (Part(OFFERS[0], yuan(800)), Part(OFFERS[1], yuan(300)))
    escrow = an_escrow(contract, parts=parts)
    sales = [a_sale(GATHERING, yuan(amount)) for amount in amounts]
    ledger = FakeLedger(
        {
            f"claim:{contract.claim_id}:escrow": 110_000,
            f"gathering:{GATHERING}:takings": sum(sale.amount.minor for sale in sales),
        }
    )
    kept = books(ledger, contract, escrow, *sales)
    kept.sales.close(GATHERING)
    command = SettleGathering(
        message_id=an_id("msg"),
        saga_id=an_id("sag"),
        gathering_id=GATHERING,
        claim_id=contract.claim_id,
        parties=PARTIES | {"brand": [OTHER_BRAND, BRAND], "co_host": []},
        checked_in=checked_in,
        min_checked_in=12,
    )
    return kept, command, sales


def paid(kept, organization_id):
    return kept.ledger.balances[f"org:{organization_id}:pending"]


class TestKit:
    def test_pays_every_party_its_signed_share(self):
        kept, command, _ = an_evening_with_a_kit(100)

        settlement = settle(kept, command)

        assert sum(settlement.shares) == 10_000
        assert [paid(kept, one) for one in (BRAND, OTHER_BRAND, VENUE)] == [3501, 2499, 1000]
        # 501 is 350.7 and 150.3.
        assert [paid(kept, one) for one in (AUTHOR, CO_AUTHOR)] == [351, 150]
        assert paid(kept, HOST) == 2000 + 110_000
        assert kept.ledger.balances[f"claim:{command.claim_id}:escrow"] == 0

    def test_returns_each_subsidy_that_was_not_earned_to_its_own_fund(self):
        kept, command, _ = an_evening_with_a_kit(100, checked_in=11)

        settle(kept, command)

        assert paid(kept, HOST) == 2000
        assert kept.ledger.balances[f"offer:{OFFERS[0]}:fund"] == 80_000
        assert kept.ledger.balances[f"offer:{OFFERS[1]}:fund"] == 30_000

    def test_takes_a_refund_back_from_everybody_to_the_fen(self):
        kept, command, sales = an_evening_with_a_kit(33.33, 66.67)
        settle(kept, command)

        for sale in sales:
            refund(kept, sale.id, sale.amount.minor / 100)

        whole = (BRAND, OTHER_BRAND, VENUE, AUTHOR, CO_AUTHOR)
        assert [paid(kept, one) for one in whole] == [0] * 5
        assert paid(kept, HOST) == 110_000

    def test_pays_the_authors_of_the_original_once_its_cartridge_was_ruled_a_copy(self):
        kept, command, _ = an_evening_with_a_kit(100)
        claimant, second = an_id("org"), an_id("org")
        hold = RoyaltyHold(an_id("cpc"), DIGEST, claimant, AUTHOR)
        ruled = hold.rule(Outcome.UPHELD, {claimant: 6_667, second: 3_333}).pay()
        kept.royalties.save(Decision(ruled))

        settle(kept, replace(command, cartridge_digest=DIGEST))

        assert [paid(kept, one) for one in (AUTHOR, CO_AUTHOR)] == [0, 0]
        # 501 is 334.02 and 166.98.
        assert [paid(kept, one) for one in (claimant, second)] == [334, 167]
        assert [paid(kept, one) for one in (BRAND, OTHER_BRAND, VENUE)] == [3501, 2499, 1000]
