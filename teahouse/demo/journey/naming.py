"""A brand puts its name on a host's gatherings: proposed, accepted, paid, earned, ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from teahouse.demo.journey.crew import await_that
from teahouse.demo.journey.opening import deposit, money
from teahouse.demo.journey.parties import Party
from teahouse.demo.journey.stories import NAMING_TERMS

WITHIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Rights:
    """A naming-rights package that can be used."""

    id: str
    brand: Party
    host: Party
    price_fen: int
    gatherings: int


def buy(operator: Party, brand: Party, host: Party, *, price_fen: int, gatherings: int) -> Rights:
    """Agree on a package, let its price arrive, and wait until it is in the books."""
    body = {
        "host_id": host.id,
        "price": money(price_fen),
        "gatherings": gatherings,
        "terms": NAMING_TERMS,
    }
    rights_id = brand.post("payments", "/v1/naming-rights", body)["id"]
    host.post("payments", f"/v1/naming-rights/{rights_id}/acceptances")
    deposit(operator, rights_id, price_fen)
    rights = Rights(rights_id, brand, host, price_fen, gatherings)
    await_that(
        f"naming rights {rights_id} to be paid",
        lambda: True if read(rights)["is_usable"] else None,
        timeout_seconds=WITHIN_SECONDS,
    )
    return rights


def end(rights: Rights) -> dict[str, Any]:
    """End a package early and wait until the rest is back; answer how it stands then."""
    rights.brand.post("payments", f"/v1/naming-rights/{rights.id}/endings")
    return await_that(
        f"naming rights {rights.id} to be ended",
        lambda: found if (found := read(rights))["state"] == "ended" else None,
        timeout_seconds=WITHIN_SECONDS,
    )


def read(rights: Rights) -> dict[str, Any]:
    """How a package stands."""
    found: dict[str, Any] = rights.brand.get("payments", f"/v1/naming-rights/{rights.id}")
    return found
