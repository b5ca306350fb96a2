"""Hosts claim packs and subsidy, and wait until they know."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from teahouse.demo.journey.crew import Stage, TooLate
from teahouse.demo.journey.town import Host
from teahouse.demo.journey.wire import Refused

CONFIRMED, REJECTED, UNDECIDED = "confirmed", "rejected", "requested"
FIRST_LOOK_SECONDS, LOOK_SECONDS = 0.08, 0.03
# A claim that takes long is looked at less often, for looking is work for the same processors:
# what is told of it is at most this share too long.
LOOK_SHARE = 0.25
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
    """A claim that was decided; ``seconds`` are from the HTTP call to the host's knowing."""

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
    outcome = _decided(wish.host, made["id"], started)
    return Claimed(wish, made["id"], outcome, time.perf_counter() - started)


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


def _decided(host: Host, claim_id: str, started: float) -> str:
    """Its final state: ``confirmed``, or the code of its refusal."""
    time.sleep(FIRST_LOOK_SECONDS)
    while True:
        found = host.party.get("matching", f"/v1/claims/{claim_id}")
        if found["status"] == REJECTED:
            return str(found["refusal_code"])
        if found["status"] != UNDECIDED:
            return str(found["status"])
        waited = time.perf_counter() - started
        if waited > DECIDED_WITHIN_SECONDS:
            raise TooLate(f"claim {claim_id} is undecided after {waited:.0f} s")
        time.sleep(max(LOOK_SECONDS, LOOK_SHARE * waited))
