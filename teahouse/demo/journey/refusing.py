"""Claims that are meant to be refused, each for another reason, and some that are given back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from teahouse.demo.journey.casting import Cast, sewing_host
from teahouse.demo.journey.claiming import CONFIRMED, Claimed, Wish, claim
from teahouse.demo.journey.crew import Stage, together
from teahouse.demo.journey.opening import POOR_FUND
from teahouse.demo.journey.shelf import Found
from teahouse.demo.journey.stories import HAIR
from teahouse.demo.journey.town import Brand, Host, Town
from teahouse.demo.journey.wire import Refused

CONTENDERS = 6
LAST_PACKS = 2
CANCELLED_CLAIMS = 8
SOLD_OUT, NO_FUNDS, CAP_REACHED = "not-enough-packs", "not-enough-funds", "host-cap-reached"
CLOSED, NO_HOST = "offer-not-open", "hosts-only"


@dataclass(slots=True)
class Contest:
    """Claims that compete for too little: how many may end how."""

    about: str
    expected: Counter[str]
    claimed: list[Claimed] = field(default_factory=list)

    @property
    def actual(self) -> Counter[str]:
        """How they ended."""
        return Counter(one.outcome for one in self.claimed)


def contend(town: Town, chosen: Cast, stage: Stage) -> list[Contest]:
    """Let hosts compete for the last packs, the last money, more than their share, too late."""
    contests = [
        _last_packs(town, chosen, stage),
        _last_money(town, stage),
        _too_many(town, chosen),
        _no_host(town, chosen),
        _too_late(town, stage),
    ]
    stage.expect(1)
    stage.step()
    return contests


def give_up(claimed: Sequence[Claimed], stage: Stage) -> None:
    """Let hosts cancel claims that no gathering stands on."""

    def cancel(one: Claimed) -> None:
        one.wish.host.party.post("matching", f"/v1/claims/{one.id}/cancellations")

    together(cancel, claimed, stage)


def _last_packs(town: Town, chosen: Cast, stage: Stage) -> Contest:
    """Six hosts at once want one pack each of a lot that has two."""
    brand, lot = _scarce_lot(town, chosen)
    wishes = [_wish(host, brand, lot["id"], packs=1) for host in town.hosts[:CONTENDERS]]
    expected = Counter({CONFIRMED: LAST_PACKS, SOLD_OUT: CONTENDERS - LAST_PACKS})
    return Contest("the last packs", expected, together(claim, wishes, stage))


def _last_money(town: Town, stage: Stage) -> Contest:
    """Six hosts want the subsidy of a brand whose fund pays for two, each of another lot."""
    brand = _poor(town)
    free = [lot for lot in _lots(brand) if lot["packs_free"]]
    wishes = [
        _wish(host, brand, lot["id"], packs=1)
        for host, lot in zip(town.hosts[:CONTENDERS], free, strict=False)
    ]
    expected = Counter({CONFIRMED: POOR_FUND, NO_FUNDS: len(wishes) - POOR_FUND})
    return Contest("the last money", expected, together(claim, wishes, stage))


def _too_many(town: Town, chosen: Cast) -> Contest:
    """A host wants more packs of a lot than one host may have."""
    hair = town.brand(HAIR.brand)
    found = next(found for found in chosen.goods.values() if found.brand_id == hair.id)
    wish = _wish(sewing_host(town), hair, found.lot_id, packs=found.most_packs + 1)
    return Contest("more than a host's share", Counter({CAP_REACHED: 1}), [claim(wish)])


def _no_host(town: Town, chosen: Cast) -> Contest:
    """A brand would like a subsidy too."""
    brand = town.brand(HAIR.brand)
    found: Found = next(iter(chosen.goods.values()))
    posing = Host(brand.party, wishes=[], communities=town.hosts[0].communities)
    wish = Wish(
        host=posing,
        community_id=posing.communities[0].id,
        lot_id=found.lot_id,
        offer_id=found.offer_id,
        brand_id=found.brand_id,
        packs=1,
    )
    return Contest("a claim by a brand", Counter({NO_HOST: 1}), [claim(wish)])


def _too_late(town: Town, stage: Stage) -> Contest:
    """A brand withdraws its offer, and a host who has not heard of it claims."""
    brand = _poor(town)
    brand.party.post("catalog", f"/v1/offers/{brand.offer_id}/closures")
    lot = next(lot for lot in _lots(brand) if lot["packs_free"])
    late = _wish(town.hosts[CONTENDERS], brand, lot["id"], packs=1)
    return Contest("a withdrawn offer", Counter({CLOSED: 1}), together(claim, [late], stage))


def _scarce_lot(town: Town, chosen: Cast) -> tuple[Brand, dict[str, Any]]:
    poor = _poor(town)
    for brand in town.brands:
        if not brand.offer_id or brand is poor:
            continue
        for lot in _lots(brand):
            if lot["packs_free"] == LAST_PACKS and chosen.shelf.is_untouched(lot["id"]):
                return brand, lot
    raise Refused("a lot with two packs", 404, {"code": "no-such-lot"})


def _lots(brand: Brand) -> list[dict[str, Any]]:
    """The first page of a brand's lots, as it is now."""
    found: list[dict[str, Any]] = brand.party.get("catalog", "/v1/lots")["items"]
    return found


def _poor(town: Town) -> Brand:
    if town.poor_brand is None:
        raise LookupError("no brand was left poor")
    return town.poor_brand


def _wish(host: Host, brand: Brand, lot_id: str, *, packs: int) -> Wish:
    return Wish(
        host=host,
        community_id=host.communities[0].id,
        lot_id=lot_id,
        offer_id=brand.offer_id,
        brand_id=brand.id,
        packs=packs,
        purpose="contest",
    )
