"""The index of offers: kept up lot by lot, asked for the best of them for one host."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.bits import Bits, Rows
from services.matching.offers.engine.brands import BrandLots
from services.matching.offers.engine.breakdown import (
    base_terms,
    common_of,
    day,
    end_of_day,
    score_terms,
)
from services.matching.offers.engine.facts import ANYWHERE, HostFacts, LotFacts, SubsidyFacts
from services.matching.offers.engine.filters import Filters
from services.matching.offers.engine.kinds import Kinds
from services.matching.offers.engine.points import DEFAULT, Weights
from services.matching.offers.engine.postings import Postings
from services.matching.offers.engine.ramp import next_step, worths
from services.matching.offers.engine.reserve import Reserve
from services.matching.offers.engine.rules import BrandSubsidy, brand_subsidy, reasons_of_lot
from services.matching.offers.engine.search import Asked, Position, Search
from services.matching.offers.engine.standing import Changes, Scored, Standing, Standings
from services.matching.offers.engine.table import Table, key_of, microseconds, moment
from services.matching.offers.engine.tiers import Tiers
from services.matching.offers.engine.untried import NEW_DAYS, Untried, is_untried, untried_lots


class OfferIndex:
    """Every lot that is not closed, at one moment that ``advance`` moves.

    It answers exactly what scoring every lot with its weights would answer. Not for several
    threads at once: whoever shares it holds a lock. From ``now`` until ``next_change`` no answer
    changes by time alone; ``changes`` are those of lots.
    """

    def __init__(
        self, now: datetime, weights: Weights = DEFAULT, search: type[Search] = Search
    ) -> None:
        self._table = Table()
        self._filters = Filters(self._table.capacity, now)
        self._postings = Postings()
        self._kinds = Kinds()
        self._tiers = Tiers(self._table.capacity)
        self._reserve = Reserve(self._table.capacity)
        self.untried_rows = Bits(self._table.capacity)
        self._search = search(
            self._table.columns,
            self._filters,
            self._postings,
            self._kinds,
            self._tiers,
            self._reserve,
            self._table.ids.__getitem__,
            weights,
        )
        self._brands: dict[str, BrandLots] = {}
        self._brand_of_offer: dict[str, str] = {}
        self._weights = weights
        self.changes = Changes()
        self._standings = Standings(self)
        self.now = self.next_change = now
        self._today = day(now)
        self._settle(now)

    def __len__(self) -> int:
        return len(self._table)

    def put(self, lot: LotFacts) -> None:
        """Enter a lot or what is new of it; a closed one leaves."""
        row = self._table.row_of(lot.lot_id)
        if row is not None and not lot.is_closed and self._table.lot(row).keeps_its_rows(lot):
            self._revise(row, lot)
            return
        self.remove(lot.lot_id)
        if not lot.is_closed:
            self._add(lot)

    def fill(self, lots: Iterable[LotFacts]) -> None:
        """Enter all lots there are, a tenth of the work of putting them in one by one.

        Closed ones are left out, and of two of one id the later counts. Raise ``ValueError``
        when lots were put in before. Subsidies may come before or after.
        """
        if self._table.ids:
            raise ValueError("only an index without lots is filled")
        some = list({lot.lot_id: lot for lot in lots if not lot.is_closed}.values())
        rows_of_tag: dict[str, list[int]] = defaultdict(list)
        rows_of_brand: dict[str, list[int]] = defaultdict(list)
        for row, lot in enumerate(some):
            self._table.place(lot)
            rows_of_brand[lot.brand_id].append(row)
            for tag in lot.tags:
                rows_of_tag[tag].append(row)
        self._make_room()
        self._reserve.put_all(some, self._today)
        self._postings.add_all(rows_of_tag)
        codes = np.fromiter((self._filters.place_code(lot.places) for lot in some), np.intp)
        self._filters.enter_all(some, codes)
        self._table.columns.write_all(some, codes)
        self._table.columns.key[: len(some)] = [key_of(lot.lot_id) for lot in some]
        kinds = [self._kinds.codes(lot.brand_id, lot.category) for lot in some]
        self._table.columns.kinds[: len(some)] = np.array(kinds, np.int64).reshape(-1, 2)
        for brand_id, rows in rows_of_brand.items():
            brand = self._brands.setdefault(brand_id, BrandLots())
            brand.rows.add_all(rows)
            self._filters.set_subsidy_reason(np.array(rows), brand.subsidy.reason)
            self._pay(np.array(rows), brand.subsidy)
        self._settle(self.now)
        self._count_days()

    def facts(self) -> tuple[list[SubsidyFacts], list[LotFacts]]:
        """All subsidies and lots in here, from which ``fill`` makes the same index."""
        offers = [offer for brand in self._brands.values() for offer in brand.offers.values()]
        return offers, [lot for lot in self._table.facts if lot]

    def remove(self, lot_id: str) -> None:
        """Take a lot out, if it is there."""
        row = self._table.row_of(lot_id)
        if row is None:
            return
        lot = self._table.lot(row)
        self.changes.note(row)
        self._filters.leave(row, lot)
        self._tiers.remove(row)
        self._reserve.remove(row)
        self._postings.remove(row, lot.tags)
        self._table.vacate(row)
        brand = self._brands[lot.brand_id]
        brand.rows.remove(row)
        self._forget_if_idle(lot.brand_id, brand)

    def put_subsidy(self, offer: SubsidyFacts) -> None:
        """Enter a brand's subsidy offer or what is new of it."""
        brand = self._brands.setdefault(offer.brand_id, BrandLots())
        brand.offers[offer.offer_id] = offer
        self._brand_of_offer[offer.offer_id] = offer.brand_id
        self._choose_subsidy(brand)
        self._note_change_at(offer.opens_at)
        self._note_change_at(offer.closes_at)

    def remove_subsidy(self, offer_id: str) -> None:
        """Take a subsidy offer out, if it is there."""
        brand_id = self._brand_of_offer.pop(offer_id, None)
        if brand_id is None:
            return
        brand = self._brands[brand_id]
        del brand.offers[offer_id]
        self._choose_subsidy(brand)
        self._forget_if_idle(brand_id, brand)

    def advance(self, now: datetime) -> None:
        """Move to a moment. Costs nothing until something opens, closes or a day ends."""
        if not self.now <= now < self.next_change:
            self._settle(now)
        self.now = self._filters.now = now

    def weigh(self, weights: Weights, model: str = "") -> None:
        """Score by a model from now on: one sweep over all lots, nothing when it is not new.

        Whoever asks afterwards must have had her affinity made with its weights.
        """
        if (weights, model) != (self._weights, self._reserve.model):
            self._reserve.model = model
            self._reserve.count(self._table.lot, self._today)
            self._weights = self._search.weights = weights
            self._revalue(self._table.rows())
            self.rebalance()
            self.changes.note_all()

    def rebalance(self) -> None:
        """Sort the tiers anew, after many changes; answers stay the same, only faster."""
        rows = self._table.rows()
        self._tiers.rebuild(rows, self._table.columns.base[rows])

    def asked(self, host: HostFacts) -> Asked:
        """What a host's questions have in common; it holds until anything changes."""
        return self._search.asked(host)

    def standing(self, host: HostFacts) -> Standing:
        """How lots stand with a host, found anew only where too much has changed."""
        return self._standings.of(host)

    def first(self, standing: Standing, limit: int) -> list[Position]:
        """The best lots of a standing that is as of now, at most ``NEEDED``, in order."""
        return self._standings.first(standing, limit)

    def untried_of(self, standing: Standing) -> Untried:
        """The untried lots that the host of a standing as of now may have."""
        return self._standings.untried(standing)

    def top(
        self, host: HostFacts, limit: int, after: Position | None = None, *, listed: bool = True
    ) -> list[Position]:
        """The exact best lots of her list, or of all she may have; those after a position."""
        asked = self.asked(host)
        return self.best(asked if listed else asked.with_all(), limit, after)

    def best(self, asked: Asked, limit: int, after: Position | None = None) -> list[Position]:
        """The same for what she asked."""
        if asked.host.largest == 0:
            return []
        return self._search.top(asked, limit, after)

    def lot(self, lot_id: str) -> tuple[LotFacts, BrandSubsidy]:
        """A lot and what its brand gives now; raise ``KeyError`` when it is not in here."""
        lot = self._table.lot(self._table.row(lot_id))
        return lot, self._brands[lot.brand_id].subsidy

    def lot_id(self, row: int) -> str:
        """The id of the lot in a row that is in use."""
        return self._table.ids[row]

    @property
    def keys(self) -> NDArray[np.int64]:
        """By row one number a lot, the same in every index."""
        return self._table.columns.key

    def row(self, lot_id: str) -> int:
        """The row of a lot; raise ``KeyError`` when it is not in here."""
        return self._table.row(lot_id)

    def scored(self, asked: Asked, rows: Iterable[int]) -> list[Scored]:
        """Those of these rows that hold lots she may have, each by its terms."""
        found = []
        for row in rows:
            if not int(asked.passing[row >> 6]) >> (row & 63) & 1:
                continue
            lot = self._table.lot(row)
            if asked.host.reach_of(lot.places) >= max(lot.min_community_size, 1):
                worth = int(self._table.columns.subsidy[row])
                terms = score_terms(lot, worth, asked.host, self._today, self._weights)
                score = sum(terms.values())
                if asked.lists(row, score):
                    found.append(Scored(-score, lot.lot_id, row))
        return found

    def untried(self, asked: Asked) -> Untried:
        """The untried lots that she may have."""
        rows, scores = self._search.scored(asked, asked.passing & self.untried_rows.words)
        return untried_lots(rows, self._table.columns.key[rows], scores)

    def _add(self, lot: LotFacts) -> None:
        before = self._table.capacity
        row = self._table.place(lot)
        if self._table.capacity > before:
            self._make_room()
            self.rebalance()
        self._brands.setdefault(lot.brand_id, BrandLots()).rows.add(row)
        self._postings.add(row, lot.tags)
        self._table.columns.key[row] = key_of(lot.lot_id)
        self._table.columns.kinds[row] = self._kinds.codes(lot.brand_id, lot.category)
        self._write(row, lot)

    def _make_room(self) -> None:
        for part in (self._filters, self._tiers, self.untried_rows, self._reserve):
            part.grow(self._table.capacity)

    def _revise(self, row: int, lot: LotFacts) -> None:
        known = self._table.lot(row)
        self._table.facts[row] = lot
        if known.differs_only_in_packs(lot):
            self._recount(row, known, lot)
            return
        self._filters.leave(row, known)
        self._write(row, lot)

    def _recount(self, row: int, known: LotFacts, lot: LotFacts) -> None:
        """Set as much of a lot as changes when packs of it move: most news is of that kind."""
        self.changes.note(row)
        self._filters.recount(row, known, lot)
        columns = self._table.columns
        columns.write_packs(row, lot)
        if lot.claims != known.claims:
            self._value(row, lot, int(columns.subsidy[row]))
        self._note_ends_of_holds(lot)

    def _write(self, row: int, lot: LotFacts) -> None:
        """Set the numbers and bits of a lot that has its row."""
        self.changes.note(row)
        subsidy = self._brands[lot.brand_id].subsidy
        reasons = reasons_of_lot(lot, subsidy, self.now)
        self._filters.enter(row, lot, reasons)
        columns = self._table.columns
        columns.write(row, lot, self._filters.place_code(lot.places))
        columns.subsidy[row] = amount = subsidy.amount_for(lot, self.now)
        self._value(row, lot, amount)
        self._note_change_at(lot.ends_at)
        self._note_ends_of_holds(lot)
        if subsidy.ramp:
            self._note_next_step(subsidy, np.array([row]))

    def _value(self, row: int, lot: LotFacts, subsidy: int) -> None:
        """Set the points a lot has for everyone, and whether anybody has tried it."""
        common = common_of(lot, subsidy, self._today)
        base = sum(base_terms(common, self._weights).values())
        self._table.columns.base[row] = base
        self._tiers.put(row, base)
        self.untried_rows.put(row, present=is_untried(lot, self._today))
        self._reserve.put(row, lot, self._today)

    def _note_ends_of_holds(self, lot: LotFacts) -> None:
        if (kept_until := lot.all_kept_until) is not None:
            self._note_change_at(kept_until)
        for held in lot.held:
            self._note_change_at(held.until)

    def _choose_subsidy(self, brand: BrandLots) -> None:
        """Settle which offer of a brand counts now, and tell all its lots if that is new."""
        chosen = brand_subsidy(brand.offers.values(), self.now)
        known, brand.subsidy = brand.subsidy, chosen
        rows = brand.rows.used.astype(np.intp)
        if known.reason is not chosen.reason:
            self._filters.set_subsidy_reason(rows, chosen.reason)
            self.changes.note_many(rows.tolist())
        # With a ramp time alone may change what goods are worth.
        if chosen.ramp or known.limits != chosen.limits:
            self._pay(rows, chosen)

    def _pay(self, rows: Rows, subsidy: BrandSubsidy) -> None:
        """Set what each of these lots brings a gathering now, where that is new."""
        columns = self._table.columns
        amounts = np.full(len(rows), subsidy.best.subsidy if subsidy.best else 0, np.int64)
        if subsidy.best and subsidy.ramp:
            amounts = worths(
                subsidy.best.subsidy,
                subsidy.ramp,
                columns.best_before_at[rows],
                left=subsidy.best.left,
                now=microseconds(self.now),
            )
            self._note_next_step(subsidy, rows)
        changed = rows[columns.subsidy[rows] != amounts]
        columns.subsidy[rows] = amounts
        self._revalue(changed)
        self.changes.note_many(changed.tolist())
        self._tiers.put_many(changed, columns.base[changed])

    def _revalue(self, rows: Rows) -> None:
        """Set the points these lots have for everyone."""
        columns, anywhere = self._table.columns, self._filters.place_code(ANYWHERE)
        columns.base[rows] = columns.worth(rows, self._weights, self._today, anywhere)

    def _settle(self, now: datetime) -> None:
        """Bring everything that time changes to this moment, in one sweep over all lots."""
        self.now = self._filters.now = now
        self.next_change = end_of_day(day(now))
        columns, at = self._table.columns, microseconds(now)
        self._filters.set_expired(columns.ends_at <= at)
        self._filters.set_kept(columns.kept_until > at, columns.shut_until > at)
        for brand in self._brands.values():
            self._choose_subsidy(brand)
            for offer in brand.offers.values():
                self._note_change_at(offer.opens_at)
                self._note_change_at(offer.closes_at)
        rows = self._table.rows()
        ends = np.concatenate((columns.ends_at[rows], columns.kept_until[rows]))
        later = ends[ends > at]
        if len(later):
            self._note_change_at(moment(int(later.min())))
        if (hold_ends := self._filters.next_end_of_hold()) is not None:
            self._note_change_at(hold_ends)
        if self._today != day(now):
            self._today = day(now)
            self._count_days()
        self.changes.note_all()

    def _count_days(self) -> None:
        """Bring all that counts in days, or in points for everyone, to this day."""
        self._revalue(self._table.rows())
        self.rebalance()
        columns = self._table.columns
        self._reserve.count(self._table.lot, self._today)
        is_new = self._today - columns.published < NEW_DAYS
        self.untried_rows.replace(is_new & (columns.claims == 0))

    def _note_next_step(self, subsidy: BrandSubsidy, rows: Rows) -> None:
        if subsidy.ramp:
            best_before = self._table.columns.best_before_at[rows]
            step = next_step(subsidy.ramp, best_before, now=microseconds(self.now))
            if step is not None and step < microseconds(self.next_change):
                self._note_change_at(moment(step))

    def _note_change_at(self, then: datetime) -> None:
        if self.now < then < self.next_change:
            self.next_change = then

    def _forget_if_idle(self, brand_id: str, brand: BrandLots) -> None:
        if not brand.offers and not brand.rows.count:
            del self._brands[brand_id]
