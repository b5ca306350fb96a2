"""Hosts claim packs and subsidy, and wait until they know."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chassis.kernel.time import from_rfc3339
from teahouse.demo.journey.crew import Stage, TooLate
from teahouse.demo.journey.town import Host
from teahouse.demo.journey.wire import Refused

CONFIRMED, REJECTED, UNDECIDED = "confirmed", "rejected", "requested"
# Looking is work for the processors that decide, and a claim says itself when it was decided.
LOOK_SECONDS = 0.25
DECIDED_WITHIN_SECONDS = 180.0
IN_FLIGHT = 32


@dataclass(frozen=True, slots=True)
class Wish:
    """A claim about to be made, and what for."""

    host: Host
    community_id: str
    lot_id: str
    offer_id: str
    brand_id: str
    packs: int
    purpose: str = "steady"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim that was decided; ``seconds`` are from the HTTP call to the final state."""

    wish: Wish
    id: str
    outcome: str
    seconds: float


def claim(wish: Wish) -> Claimed:
    """Claim and look until it is decided; a refusal at the door is an outcome too."""
    body = {
        "lot_id": wish.lot_id,
        "offer_id": wish.offer_id,
        "community_id": wish.community_id,
        "packs": wish.packs,
    }
    started = time.perf_counter()
    try:
        made = wish.host.party.post("matching", "/v1/claims", body)
    except Refused as refused:
        return Claimed(wish, "", refused.code, time.perf_counter() - started)
    posted = time.perf_counter() - started
    found = _decided(wish.host, made["id"], started)
    outcome = found["refusal_code"] if found["status"] == REJECTED else found["status"]
    return Claimed(wish, made["id"], str(outcome), posted + seconds_open(found))


def seconds_open(claim: Mapping[str, Any]) -> float:
    """How long a claim stood undecided, by the clock of the service that keeps it."""
    decided, requested = claim["decided_at"], claim["requested_at"]
    return (from_rfc3339(decided) - from_rfc3339(requested)).total_seconds()


def steadily(wishes: Sequence[Wish], stage: Stage, *, per_second: float) -> list[Claimed]:
    """Make the claims at an even pace, however long each of them takes."""
    stage.expect(len(wishes))
    started = time.perf_counter()
    with ThreadPoolExecutor(max_workers=IN_FLIGHT) as pool:
        futures: list[Future[Claimed]] = []
        for place, wish in enumerate(wishes):
            time.sleep(max(0.0, started + place / per_second - time.perf_counter()))
            futures.append(pool.submit(claim, wish))
            futures[-1].add_done_callback(lambda _: stage.step())
        return [future.result() for future in futures]


def _decided(host: Host, claim_id: str, started: float) -> Mapping[str, Any]:
    """The claim in its final state."""
    while True:
        time.sleep(LOOK_SECONDS)
        found: Mapping[str, Any] = host.party.get("matching", f"/v1/claims/{claim_id}")
        if found["status"] != UNDECIDED:
            return found
        waited = time.perf_counter() - started
        if waited > DECIDED_WITHIN_SECONDS:
            raise TooLate(f"claim {claim_id} is undecided after {waited:.0f} s")
