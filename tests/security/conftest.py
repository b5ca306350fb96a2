"""Who attacks, and what is there to attack: one scene on the running suite for all tests."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from teahouse.demo.journey.crew import await_that, once_not
from teahouse.demo.journey.opening import money
from teahouse.demo.journey.parties import Party, Person
from teahouse.market import Market
from teahouse.suite import Suite
from tests.security.door import Door, Scene

KINDS = ("brand", "host", "venue", "author")
THEME = {
    "format": "teahouse-cartridge/1",
    "machine": ">=1.0.0 <2.0.0",
    "name": "tea-and-try-on",
    "version": "1.0.0",
    "languages": ["en"],
    "title": {"en": "Tea"},
    "summary": {"en": "Tea, and trying on."},
    "license": "CC0-1.0",
    "people": {"min": 2, "max": 20},
    "programme": [{"starts_minute": 0, "minutes": 30, "title": {"en": "Tea"}}],
    "evidence": [{"kind": "photo", "text": {"en": "The room"}, "required": True}],
    "royalty_basis_points": 200,
}


@pytest.fixture(scope="session")
def market(suite: Suite) -> Market:
    """Brands, hosts and the operator, over HTTP."""
    return Market(suite)


@pytest.fixture(scope="session")
def person(market: Market) -> Person:
    """Somebody who founds organisations of every kind, and may also act for none."""
    found = Person(
        market.wire,
        email=f"attacker-{secrets.token_hex(6)}@example.com",
        password=f"long enough {secrets.token_hex(8)}",
        name="Attacker",
    )
    found.register()
    return found


@pytest.fixture(scope="session")
def parties(market: Market, person: Person) -> Mapping[str, Party]:
    """One organisation of each kind, with no part in the scene."""
    found = {kind: person.found(kind, f"Other {kind}", "Beijing") for kind in KINDS}
    return found | {"platform": market.operator(), "nobody": Party(person, "", kind="", name="")}


@pytest.fixture(scope="session")
def door(suite: Suite) -> Door:
    """Raw HTTP to every service, without patience."""
    return Door(suite)


@pytest.fixture(scope="session")
def scene(suite: Suite, market: Market, person: Person) -> Scene:
    """A funded offer, a lot, a confirmed claim and an open gathering with a guest and a sale."""
    brand = market.maker(fund_fen=10_000, subsidy_fen=5_000)
    (host,) = market.callers(1)
    lot_id = market.lot(brand, packs=10)
    claim_id = market.claim(host, brand, lot_id, packs=2)
    venue = person.found("venue", "Venue", "Beijing")
    author = person.found("author", "Author", "Beijing")
    room = {"name": "Room", "city": "Beijing", "capacity": 20, "equipment": []}
    venue_id = venue.post("catalog", "/v1/venues", room)["id"]
    begins = datetime.now(UTC) + timedelta(hours=1, seconds=suite.advance_clock(0))
    hours = {
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=2)).isoformat(),
    }
    slot_id = venue.post("catalog", f"/v1/venues/{venue_id}/slots", hours)["id"]
    theme = author.post("catalog", "/v1/cartridges", {"manifest": THEME})
    plan = {
        "title": "Tea",
        "claim_id": claim_id,
        "cartridge_digest": theme["digest"],
        "venue_id": venue_id,
        "slot_id": slot_id,
    }
    host.party.get("matching", f"/v1/claims/{claim_id}")
    await_that("the claim", lambda: _is(host.party, f"/v1/claims/{claim_id}", "confirmed"))

    def planned() -> str:
        return str(host.party.post("matching", "/v1/gatherings", plan)["id"])

    gathering_id = once_not(
        "cartridge-not-found", lambda: once_not("slot-not-found", planned, timeout_seconds=20)
    )
    path = f"/v1/gatherings/{gathering_id}"
    await_that("the venue", lambda: _is(host.party, path, "opened"))
    (invited,) = host.party.post("matching", f"{path}/invitations", {"count": 1})["items"]
    ticket = host.party.post("matching", f"{path}/check-ins", {"code": invited["code"]})
    sold = {"units": 1, "amount": money(1_000), "ticket_id": ticket["id"]}
    sale = host.party.post("matching", f"{path}/sales", sold)
    return Scene(
        brand=brand.party,
        offer_id=brand.offer_id,
        host=host.party,
        community_id=host.community_id,
        lot_id=lot_id,
        claim_id=claim_id,
        plan=plan,
        venue=venue,
        hours=hours,
        author=author,
        theme=THEME,
        gathering=path,
        sale=f"{path}/sales/{sale['id']}",
    )


def _is(party: Party, path: str, status: str) -> bool | None:
    return True if party.get("matching", path)["status"] == status else None
