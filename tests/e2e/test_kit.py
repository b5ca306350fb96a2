"""A kit through every real service: drafted, signed, claimed whole, planned, held, paid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from teahouse.demo.journey.crew import await_that, once_not
from teahouse.demo.journey.leaving import signed_kit
from teahouse.market import Caller, Maker, Market
from teahouse.suite import Suite
from tests.unit.catalog.fakes import a_manifest

PACKS, PACKS_A_KIT = 10, 2
SUBSIDY_FEN = 5_000
EVIDENCE = {"kind": "photo", "digest": f"sha256:{'a' * 64}", "answers": "/evidence/0"}
pytestmark = pytest.mark.timeout(120)


def kit_of(makers: list[Maker], lots: list[str]) -> dict:
    """What the first brand drafted, once both have signed it."""
    author = makers[0].party.person.found("author", "Brush makers", "Beijing")
    theme = author.post("catalog", "/v1/cartridges", {"manifest": a_manifest()})
    brands = [maker.party for maker in makers]
    return signed_kit(brands, lots, theme["digest"], packs=PACKS_A_KIT, price_fen=100_001)


def claimed(market: Market, host: Caller, kit: dict, makers: list[Maker]) -> str:
    """The host's claim of the whole kit with both subsidies, confirmed."""
    body = {
        "kit_id": kit["id"],
        "terms_digest": kit["terms_digest"],
        "community_id": host.community_id,
        "offer_ids": [maker.offer_id for maker in makers],
    }
    made = once_not("kit-not-found", lambda: host.party.post("matching", "/v1/claims/kits", body))
    assert market.decided(host, made["id"]).status == "confirmed"
    return str(made["id"])


def planned(suite: Suite, host: Caller, claim_id: str) -> str:
    """A gathering on the claim an hour from now, with its slot; answer its path."""
    owner = host.party.person.found("venue", "Studio", "Beijing")
    room = {"name": "Studio", "city": "Beijing", "capacity": 20, "equipment": ["tables"]}
    venue_id = owner.post("catalog", "/v1/venues", room)["id"]
    begins = datetime.now(UTC) + timedelta(hours=1, seconds=suite.advance_clock(0))
    hours = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=2)).isoformat()}
    slot_id = owner.post("catalog", f"/v1/venues/{venue_id}/slots", hours)["id"]
    body = {"title": "Tea and brushes", "claim_id": claim_id}
    body |= {"venue_id": venue_id, "slot_id": slot_id}
    made = once_not("slot-not-found", lambda: host.party.post("matching", "/v1/gatherings", body))
    path = f"/v1/gatherings/{made['id']}"
    reach(host, path, "opened")
    return path


def reach(host: Caller, path: str, status: str) -> dict:
    """The gathering once it has come so far."""

    def look() -> dict | None:
        found = host.party.get("matching", path)
        return found if found["status"] == status else None

    return await_that(f"{path} to be {status}", look, timeout_seconds=30)


def test_is_drafted_signed_claimed_planned_held_and_paid(suite, market):
    makers = [market.maker(fund_fen=3 * SUBSIDY_FEN, subsidy_fen=SUBSIDY_FEN) for _ in range(2)]
    lots = [market.lot(maker, packs=PACKS) for maker in makers]
    (host,) = market.callers(1)

    kit = kit_of(makers, lots)
    assert (kit["state"], len(kit["signed"])) == ("published", 2)
    claim_id = claimed(market, host, kit, makers)
    path = planned(suite, host, claim_id)
    invited = {"community_id": host.community_id, "count": 2}
    for guest in host.party.post("matching", f"{path}/invitations", invited)["items"]:
        host.party.post("matching", f"{path}/check-ins", {"code": guest["code"]})
    host.party.post("matching", f"{path}/evidence", EVIDENCE)
    suite.advance_clock(3_700)
    # Every process sees the moved clock within a second.
    held = once_not("not-begun", lambda: host.party.post("matching", f"{path}/holdings"))
    for maker in makers:
        maker.party.post("matching", f"{path}/approvals")
    settled = reach(host, path, "settled")

    assert (held["status"], held["checked_in"]) == ("held", 2)
    assert {goods["lot_id"]: goods["packs"] for goods in settled["goods"]} == dict.fromkeys(
        lots, PACKS_A_KIT
    )
    assert settled["approved_brands"] == [maker.party.id for maker in makers]
    for maker, lot_id in zip(makers, lots, strict=True):
        assert maker.party.get("catalog", f"/v1/lots/{lot_id}")["packs_free"] == PACKS - 2
        account = market.operator().get("payments", f"/v1/accounts/offer:{maker.offer_id}:fund")
        assert [each["available"]["minor"] for each in account["balances"]] == [2 * SUBSIDY_FEN]
    shipped = host.party.get("catalog", "/v1/shipments")["items"]
    assert sorted(each["lot_id"] for each in shipped) == sorted(lots)
    assert {each["claim_id"] for each in shipped} == {claim_id}
    assert {row["sum"]["minor"] for row in market.trial_balance()["currencies"]} == {0}
