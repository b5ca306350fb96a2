"""Coupon campaigns of the same households: a coupon is a subsidised lot, redeeming it a claim.

For each campaign and each household that redeemed a coupon of it, the coupons of the campaign
are ranked as of the morning on which the campaign starts. ``Coupons.before`` cuts purchases
and redemptions there, and the terms are computed of what it leaves.

The terms, beside the service's: *popular* and *coupon-users* are its popularity; *kind*,
*category*, *brand* its affinity of tags; *own-..*, *variety*, *focus* and *own-claims* a host's
picture. A collaborative score was no help on the validation campaigns and is a peer only. The
data does not say what a coupon is worth, so nothing here stands for the points of the subsidy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import peers
from benchmarks.quality.data import LAST_WEEK, Market, Real, Whole
from benchmarks.quality.fit import Lists

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

VALIDATED_FROM, TESTED_FROM = "2017-05-01", "2017-08-01"
HALF_LIVES = (4, 12, 26, 52)
TERMS = (
    *(f"own-{half}" for half in HALF_LIVES),
    *("variety", "focus", "kind", "category", "brand", "popular", "breadth", "own-coupons"),
    *("coupon-users", "coupon-rate", "own-claims", "claimed-goods", "claimed-brand"),
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign, and the households that redeemed any of its coupons.

    ``start`` is a day of the year, ``last_week`` the last week that was over before it;
    ``coupons`` has a row for each coupon and ones at its products; ``taken`` is redeemers x
    coupons.
    """

    start: int
    last_week: int
    coupons: csr_matrix
    redeemers: Whole
    taken: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coupons:
    """Purchases of products that any coupon is for, and redemptions; days count from New Year.

    A column of ``bought`` is (household, product, day, whether with a coupon), one of
    ``redeemed`` (household, coupon, day). Coupons are rows of ``stacked`` (coupons x products,
    those of all campaigns), and ``stacked_from`` says when each may first be used. ``kinds``
    is the market of all goods with kinds of goods for lots; it is cut by whoever reads it.
    """

    households: int
    bought: Whole
    redeemed: Whole
    stacked: csr_matrix
    stacked_from: Whole
    kind_of: Whole
    category_of: Whole
    brand_of: Whole
    kinds: Market

    def before(self, day: int) -> Coupons:
        """Purchases and redemptions as they were known on the morning of a day."""
        return replace(
            self,
            bought=self.bought[:, self.bought[2] < day],
            redeemed=self.redeemed[:, self.redeemed[2] < day],
        )


def lists_of(coupons: Coupons, campaign: Campaign) -> Lists:
    """The campaign's redeemers x its coupons: every term, and what was redeemed."""
    known = coupons.before(campaign.start)
    terms = _own(known, campaign) | _crowd(known, campaign) | _claims(known, campaign)
    return Lists(terms, campaign.taken)


def by_kind(coupons: Coupons, campaign: Campaign, scores: Real) -> Real:
    """Scores of households x kinds of goods, summed over the kinds of each coupon."""
    kinds = campaign.coupons @ peers.membership(coupons.kind_of, coupons.kinds.lots)
    kinds.data[:] = 1
    here = np.maximum(0, scores[campaign.redeemers])
    return np.log1p(np.asarray(here @ kinds.T.toarray(), dtype=np.float32))


def own_purchases(coupons: Coupons, campaign: Campaign, half_life: float) -> Real:
    """How often the household bought the coupon's goods, lately more than long ago."""
    known = coupons.before(campaign.start)
    weeks_ago = (campaign.start - known.bought[2]) / 7
    return _summed(known, campaign, 0.5 ** (weeks_ago / half_life))


def buyers(coupons: Coupons, campaign: Campaign, weeks: int) -> Real:
    """How many households bought the coupon's goods in the last weeks; the same for all."""
    known = coupons.before(campaign.start)
    lately = known.bought[2] >= campaign.start - 7 * weeks
    bought = _table(known, lately.astype(np.float32)) @ campaign.coupons.T
    return _for_all(campaign, np.asarray((bought > 0).sum(axis=0)).ravel())


def affinity(coupons: Coupons, campaign: Campaign, group: Whole) -> Real:
    """What the household bought of the groups that the coupon's goods belong to."""
    known = coupons.before(campaign.start)
    belongs = peers.membership(group)
    groups = campaign.coupons @ belongs
    groups.data[:] = 1
    bought = _table(known, np.ones(known.bought.shape[1]))[campaign.redeemers] @ belongs
    return np.log1p(peers.dense(bought @ groups.T))


def _own(known: Coupons, campaign: Campaign) -> dict[str, Real]:
    terms = {f"own-{half}": np.log1p(own_purchases(known, campaign, half)) for half in HALF_LIVES}
    bought = _table(known, np.ones(known.bought.shape[1]))[campaign.redeemers]
    often = peers.dense(bought @ campaign.coupons.T)
    goods = np.sqrt(np.asarray(campaign.coupons.sum(axis=1)).ravel())
    terms["focus"] = np.log1p(often / goods)
    bought.data[:] = 1
    terms["variety"] = np.log1p(peers.dense(bought @ campaign.coupons.T))
    groups = {"kind": known.kind_of, "category": known.category_of, "brand": known.brand_of}
    terms |= {name: affinity(known, campaign, group) for name, group in groups.items()}
    terms["own-coupons"] = np.log1p(_summed(known, campaign, known.bought[3]))
    return terms


def _crowd(known: Coupons, campaign: Campaign) -> dict[str, Real]:
    used = np.asarray((_table(known, known.bought[3]) @ campaign.coupons.T).sum(axis=0)).ravel()
    all_ = _table(known, np.ones(known.bought.shape[1])) @ campaign.coupons.T
    rate = 100 * (used + 1) / (np.asarray(all_.sum(axis=0)).ravel() + 50)
    goods = np.asarray(campaign.coupons.sum(axis=1)).ravel()
    return {
        "popular": np.log1p(buyers(known, campaign, LAST_WEEK)),
        "breadth": _for_all(campaign, np.log1p(goods)),
        "coupon-users": _for_all(campaign, np.log1p(used)),
        "coupon-rate": _for_all(campaign, np.log1p(rate)),
    }


def _claims(known: Coupons, campaign: Campaign) -> dict[str, Real]:
    """From coupons of earlier campaigns: who claimed those like this one, and how many did."""
    earlier = known.stacked_from < campaign.start
    shape = (known.households, len(earlier))
    claims = _sparse(np.ones(known.redeemed.shape[1]), known.redeemed[:2], shape)[:, earlier]
    past, goods = known.stacked[earlier], campaign.coupons
    terms = {}
    for name, group in (("claimed-goods", None), ("claimed-brand", known.brand_of)):
        belongs = None if group is None else peers.membership(group)
        alike = _likeness(goods, past, belongs)
        times = alike @ np.asarray(claims.sum(axis=0)).ravel()
        terms[name] = _for_all(campaign, np.log1p(times / (alike.sum(axis=1) + 1)))
    alike = _likeness(goods, past, peers.membership(known.kind_of))
    terms["own-claims"] = np.log1p(np.asarray(claims[campaign.redeemers] @ alike.T))
    return {name: term.astype(np.float32) for name, term in terms.items()}


def _likeness(these: csr_matrix, those: csr_matrix, belongs: csr_matrix | None) -> Real:
    if belongs is not None:
        these, those = these @ belongs, those @ belongs
    return peers.dense(peers.of_length_one(these) @ peers.of_length_one(those).T)


def _summed(known: Coupons, campaign: Campaign, worth: Any) -> Real:  # noqa: ANN401 - any numbers
    return peers.dense(_table(known, worth)[campaign.redeemers] @ campaign.coupons.T)


def _table(known: Coupons, worth: Any) -> csr_matrix:  # noqa: ANN401 - any numbers, one a row
    return _sparse(worth, known.bought[:2], (known.households, len(known.kind_of)))


def _sparse(worth: Any, places: Whole, shape: tuple[int, int]) -> csr_matrix:  # noqa: ANN401 - as above
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - only measurements need it

    table = csr_matrix((np.asarray(worth, np.float32), (places[0], places[1])), shape=shape)
    table.sum_duplicates()
    return table


def _for_all(campaign: Campaign, values: Any) -> Real:  # noqa: ANN401 - any numbers, one a coupon
    return np.tile(np.asarray(values, np.float32), (len(campaign.redeemers), 1))
