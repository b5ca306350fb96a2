"""A market of a few people on a running suite, for tests and measurements of the whole."""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.settings import SERVICES
from teahouse.demo.journey.claiming import LOOK_SECONDS, seconds_open
from teahouse.demo.journey.crew import await_that
from teahouse.demo.journey.opening import deposit, money
from teahouse.demo.journey.parties import Party, Person
from teahouse.demo.journey.stories import TERMS
from teahouse.demo.journey.wire import Refused, Wire
from teahouse.suite import Suite

UNDECIDED = "requested"
CROWD_LOOK_SECONDS = 1.0  # hundreds who look all the time would be most of the load
DECIDED_WITHIN_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Maker:
    """A brand with an open, funded offer."""

    party: Party
    offer_id: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A host with one community."""

    party: Party
    community_id: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A claim's end; ``code`` says why it was refused, ``seconds`` how long it took to know."""

    status: str
    code: str
    seconds: float


class Market:
    """Speaks to the services over HTTP as brands, hosts and the operator would."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.wire = Wire({name: suite.public_url(name) for name in SERVICES})
        email, password = suite.operator
        self._operator_person = Person(self.wire, email=email, password=password, name="Operator")
        self._crowd = self._person("crowd")

    def operator(self) -> Party:
        """The platform's own organisation."""
        answer = self._operator_person.ask(
            "GET", "identity", "/v1/organizations", organization_id=""
        )
        (found,) = [one for one in answer.body["items"] if one["kind"] == "platform"]
        return Party(self._operator_person, found["id"], kind="platform", name=found["name"])

    def maker(self, *, fund_fen: int, subsidy_fen: int = 0) -> Maker:
        """A brand that promises a subsidy and has paid this much for it."""
        party = self._crowd.found("brand", f"Brand {secrets.token_hex(3)}", "Beijing")
        now = datetime.now(UTC)
        body = {
            "subsidy": money(subsidy_fen),
            "min_checked_in": 2,
            "total_cap": money(max(fund_fen, subsidy_fen, 1)),
            "terms": TERMS,
            "opens_at": now.isoformat(),
            "closes_at": (now + timedelta(days=30)).isoformat(),
        }
        offer_id = party.post("catalog", "/v1/offers", body)["id"]
        if fund_fen:
            deposit_id = deposit(self.operator(), offer_id, fund_fen)
            self._await_booked(deposit_id)
        return Maker(party, offer_id)

    def lot(self, maker: Maker, *, packs: int) -> str:
        """A lot with so many packs of one unit, which matching has heard of."""
        line = {
            "sku": "TEA-1",
            "name": "Tea",
            "units": packs,
            "unit_price": money(1_000),
            "condition": "new",
        }
        body = {
            "title": "Spring tea",
            "category": "tea",
            "tags": ["tea"],
            "manifest": [line],
            "units_per_pack": 1,
            "closes_at": (datetime.now(UTC) + timedelta(days=20)).isoformat(),
        }
        lot_id = str(maker.party.post("catalog", "/v1/lots", body)["id"])
        await_that(f"matching to know {lot_id}", lambda: self._known(lot_id))
        return lot_id

    def callers(self, count: int) -> list[Caller]:
        """So many hosts, each with a community that drinks tea."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            return list(pool.map(self._caller, range(count)))

    def claim(self, caller: Caller, maker: Maker, lot_id: str, *, packs: int = 1) -> str:
        """Make a claim; answer its id at once."""
        body = {
            "lot_id": lot_id,
            "offer_id": maker.offer_id,
            "community_id": caller.community_id,
            "packs": packs,
        }
        return str(caller.party.post("matching", "/v1/claims", body)["id"])

    def decided(self, caller: Caller, claim_id: str, *, every: float = LOOK_SECONDS) -> Decided:
        """Look until the claim is decided; ``seconds`` is how long it stood open."""
        deadline = time.perf_counter() + DECIDED_WITHIN_SECONDS
        while time.perf_counter() < deadline:
            time.sleep(every)
            found = caller.party.get("matching", f"/v1/claims/{claim_id}")
            if found["status"] != UNDECIDED:
                code = str(found.get("refusal_code") or "")
                return Decided(found["status"], code, seconds_open(found))
        raise TimeoutError(f"claim {claim_id} was not decided in {DECIDED_WITHIN_SECONDS} s")

    def claim_all_at_once(
        self, callers: list[Caller], maker: Maker, lot_id: str, count: int
    ) -> list[Decided]:
        """Make so many claims as nearly at once as threads can; answer how each ended."""

        def one(number: int) -> Decided:
            caller, since = callers[number % len(callers)], time.perf_counter()
            try:
                claim_id = self.claim(caller, maker, lot_id)
            except Refused as refused:
                return Decided("rejected", refused.code, time.perf_counter() - since)
            return self.decided(caller, claim_id, every=CROWD_LOOK_SECONDS)

        with ThreadPoolExecutor(max_workers=count) as pool:
            return list(pool.map(one, range(count)))

    def trial_balance(self) -> Any:  # noqa: ANN401 - JSON
        """The books' proof."""
        return self.operator().get("payments", "/v1/trial-balance")

    def _caller(self, number: int) -> Caller:
        party = self._crowd.found("host", f"Host {number} {secrets.token_hex(3)}", "Beijing")
        wish = {"name": "Tea circle", "city": "Beijing", "size": 500, "tags": {"tea": 100}}
        return Caller(party, party.post("matching", "/v1/communities", wish)["id"])

    def _known(self, lot_id: str) -> bool | None:
        operator = self.operator()
        try:
            operator.get("matching", f"/v1/hosts/{operator.id}/offers/{lot_id}")
        except Refused:
            return None
        return True

    def _await_booked(self, deposit_id: str) -> None:
        operator = self.operator()

        def look() -> bool | None:
            found = operator.get("payments", f"/v1/deposits/{deposit_id}")
            return True if found["state"] == "booked" else None

        await_that(f"deposit {deposit_id} to be booked", look)

    def _person(self, name: str) -> Person:
        person = Person(
            self.wire,
            email=f"{name}-{secrets.token_hex(6)}@example.com",
            password=secrets.token_urlsafe(12),
            name=name,
        )
        person.register()
        return person
