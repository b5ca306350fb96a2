"""Small made markets, for what is measured on real ones."""

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.quality.coupons import Campaign, Coupons
from benchmarks.quality.data import PERIOD, Market

HOUSEHOLDS, LOTS, WEEKS = 60, 40, 53


def a_market(seed=1):
    """Every household has favourites that it buys again and again."""
    chance = np.random.default_rng(seed)
    rows = 6_000
    household = chance.integers(0, HOUSEHOLDS, rows)
    favourite = (household * 7 + chance.integers(0, 6, rows)) % LOTS
    lot = np.where(chance.random(rows) < 0.8, favourite, chance.integers(0, LOTS, rows))
    each = np.arange(LOTS)
    return Market(
        households=HOUSEHOLDS,
        last_week=WEEKS,
        household=household,
        lot=lot,
        week=chance.integers(1, WEEKS + 1, rows),
        store=household % 5,
        brand_of=each % 10,
        kind_of=each // 2,
        category_of=each // 5,
        department_of=each // 20,
        displayed=chance.random((LOTS, WEEKS + 1)).astype(np.float32) / 10,
    )


def with_another_future(market, week):
    """The same until the end of a week, and anything after it; on display, a period later."""
    later = market.week > week
    other = np.random.default_rng(9).permutation(market.lot[later])
    lot = market.lot.copy()
    lot[later] = (other + 3) % LOTS
    displayed = market.displayed.copy()
    displayed[:, week + PERIOD + 1 :] += 1
    return replace(market, lot=lot, displayed=displayed)


def some_coupons(seed=1):
    """Twelve coupons on the lots of a market as goods, and a campaign on day 200."""
    chance = np.random.default_rng(seed)
    market = a_market(seed)
    day = market.week * 7 - 6
    stacked = csr_matrix((chance.random((24, LOTS)) < 0.15).astype(np.float32) + 0)
    coupons = Coupons(
        households=HOUSEHOLDS,
        bought=np.stack([market.household, market.lot, day, market.week % 2]),
        redeemed=np.stack(
            [chance.integers(0, HOUSEHOLDS, 90), np.arange(90) % 24, chance.integers(100, 300, 90)]
        ),
        stacked=stacked,
        stacked_from=np.repeat([90, 200], 12),
        kind_of=market.kind_of,
        category_of=market.category_of,
        brand_of=market.brand_of,
        kinds=replace(market, lot=market.kind_of[market.lot], brand_of=np.arange(LOTS // 2)),
    )
    taken = chance.random((20, 12)) < 0.2
    return coupons, Campaign(200, 28, stacked[12:], np.arange(20), taken)
