"""One import: a file taken in, checked, its good lines kept apart, confirmed, and published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import DomainError, NotFound, RuleBroken
from chassis.kernel.money import Money
from services.catalog.imports.engine.cells import LONGEST_TEXT
from services.catalog.imports.engine.check import BadLine, Fault, GoodLine, fault
from services.catalog.imports.engine.difference import Difference, differences, forbidden
from services.catalog.imports.engine.table import FileKind
from services.catalog.lots.domain import (
    Description,
    Goods,
    Manifest,
    ManifestLine,
    StockLot,
    Terms,
    is_given_number,
)
from services.catalog.lots.engine.bounds import GREATEST_COUNT
from services.catalog.lots.engine.restrictions import UNRESTRICTED, Restrictions

ROWS_PER_CHUNK = 500
MOST_KEPT = 10_000  # bad lines, and as many changes; of more only the number is known
CONFIRM_WITHIN = timedelta(days=7)
_RESTRICTING = frozenset({"regions", "channels", "resale_allowed", "lowest_resale_price"})


class ImportNotFound(NotFound):
    """There is no such import."""

    code = "import-not-found"
    hint = "Check the import's identifier and that it belongs to your organisation."
    chinese = "没有这个导入，请核对编号及其所属组织。"


class ImportNotChecked(RuleBroken):
    """The import is still being checked."""

    code = "import-not-checked"
    hint = "Read the import until its state is checked, look at what was found, then confirm it."
    chinese = "导入文件仍在检查，请等待检查完成并查看结果后再确认。"


class ImportConfirmed(RuleBroken):
    """The import was confirmed already."""

    code = "import-confirmed"
    hint = "Read the import; it tells how far publishing has come."
    chinese = "该导入已确认，请查看导入进度。"


class ImportStale(RuleBroken):
    """The import was checked too long ago."""

    code = "import-stale"
    hint = f"Confirm within {CONFIRM_WITHIN.days} days; import the file again."
    chinese = f"导入须在 {CONFIRM_WITHIN.days} 天内确认，请重新导入文件。"


class NothingToPublish(RuleBroken):
    """The import brings nothing new."""

    code = "nothing-to-publish"
    hint = "Correct the lines named under errors, if any, and import the file again."
    chinese = "没有可发布的内容，如有错误请按错误列表修改后重新导入。"


class ImportState(StrEnum):
    """How far an import has come."""

    CHECKING = "checking"
    REFUSED = "refused"
    CHECKED = "checked"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"


class New(NamedTuple):
    """A line that is a lot of its own, and its goods."""

    line: GoodLine
    goods: Goods


class Changed(NamedTuple):
    """A line that changes a lot which exists, how it differs, and the lot as it would be."""

    line: GoodLine
    differences: tuple[Difference, ...]
    decision: Decision[StockLot]


Outcome = New | Changed | BadLine | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What some lines of a file come to, judged by the lots there are."""

    new: tuple[New, ...] = ()
    changed: tuple[Changed, ...] = ()
    bad: tuple[BadLine, ...] = ()
    unchanged: int = 0

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Findings:
        """Sort what was judged line by line."""
        return cls(
            tuple(one for one in outcomes if isinstance(one, New)),
            tuple(one for one in outcomes if isinstance(one, Changed)),
            tuple(one for one in outcomes if isinstance(one, BadLine)),
            sum(one is None for one in outcomes),
        )

    @property
    def wanted(self) -> tuple[GoodLine, ...]:
        """The lines that would have an effect."""
        return tuple(one.line for one in self.new + self.changed)


@dataclass(frozen=True, slots=True)
class LotImport:
    """A brand's file of lots.

    The worker checks it; good lines that would have an effect lie in chunks of at most
    ``ROWS_PER_CHUNK``. ``next_chunk`` is where publishing goes on, so that a worker that
    dies loses and repeats nothing. ``lapsed`` counts good lines that were no longer good
    when their turn came. ``begun_at`` and ``moved_at`` are of checking, or of publishing.
    """

    id: str
    brand_id: str
    kind: FileKind
    created_at: datetime
    begun_at: datetime
    moved_at: datetime
    state: ImportState = ImportState.CHECKING
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0
    chunks: int = 0
    next_chunk: int = 0
    published: int = 0
    corrected: int = 0
    lapsed: int = 0
    revision: Revision = Revision()

    @property
    def good(self) -> int:
        """Lines with nothing wrong."""
        return self.new + self.changed + self.unchanged

    @property
    def lines(self) -> int:
        """All lines below the header that were read so far."""
        return self.good + self.bad

    @property
    def share_done(self) -> float:
        """How much of checking, or later of publishing, is done: from 0 to 1.

        While a file is checked this is an estimate.
        """
        if self.state is ImportState.CHECKING:
            return min(0.99, self.lines / max(self.kind.expected_lines, 1))
        if self.state is ImportState.CONFIRMED:
            return self.next_chunk / self.chunks
        return 1.0

    @property
    def seconds_left(self) -> int | None:
        """How long it goes on at the pace so far; None while there is no telling."""
        share = self.share_done
        spent = (self.moved_at - self.begun_at).total_seconds()
        return round(spent * (1 - share) / share) if share and spent else None

    def begin_check(self, *, at: datetime) -> Decision[LotImport]:
        """Start from the first line, for the first time or after a worker died."""
        return Decision(
            replace(self, new=0, changed=0, unchanged=0, bad=0, chunks=0, begun_at=at, moved_at=at)
        )

    def note(self, found: Findings, *, at: datetime) -> Decision[LotImport]:
        """Add what some more lines came to."""
        return Decision(
            replace(
                self,
                new=self.new + len(found.new),
                changed=self.changed + len(found.changed),
                unchanged=self.unchanged + found.unchanged,
                bad=self.bad + len(found.bad),
                chunks=self.chunks + bool(found.wanted),
                moved_at=at,
            )
        )

    def end_check(self, *, at: datetime) -> Decision[LotImport]:
        """Every line was read; the brand may confirm."""
        return Decision(replace(self, state=ImportState.CHECKED, moved_at=at))

    def refuse(self, *, at: datetime) -> Decision[LotImport]:
        """The file cannot be read to its end: nothing of it can be confirmed."""
        return Decision(replace(self, state=ImportState.REFUSED, bad=self.bad + 1, moved_at=at))

    def confirm(self, *, at: datetime) -> Decision[LotImport]:
        """Have the good lines published."""
        if self.state is ImportState.CHECKING:
            raise ImportNotChecked(f"{self.lines} lines so far")
        if self.state in (ImportState.CONFIRMED, ImportState.PUBLISHED):
            raise ImportConfirmed(f"it is {self.state}")
        if at >= self.created_at + CONFIRM_WITHIN:
            raise ImportStale(f"checked at {self.created_at.isoformat()}")
        if self.state is ImportState.REFUSED or self.chunks == 0:
            raise NothingToPublish
        return Decision(replace(self, state=ImportState.CONFIRMED, begun_at=at, moved_at=at))

    def advance(self, done: Findings, *, at: datetime) -> Decision[LotImport]:
        """Note one more chunk as published."""
        after = replace(
            self,
            next_chunk=self.next_chunk + 1,
            published=self.published + len(done.new),
            corrected=self.corrected + len(done.changed),
            lapsed=self.lapsed + len(done.bad) + done.unchanged,
            moved_at=at,
        )
        is_over = after.next_chunk == after.chunks
        return Decision(replace(after, state=ImportState.PUBLISHED) if is_over else after)


def judge(line: GoodLine, lot: StockLot | None, *, why: str, at: datetime) -> Outcome:
    """What a line comes to, given the brand's lot of its number, if there is one.

    A new lot, a change, nothing at all, or errors; by the same rules as for a single lot.
    """
    if lot is None:
        return _new(line, at)
    found = differences(line.values, values_of(lot))
    if not found:
        return None
    faults = forbidden(found)
    if faults:
        return BadLine(line.line, faults)
    try:
        decision = lot.correct(line.values["packs"] - lot.packs.total, why=why, at=at)
    except DomainError as broken:
        return BadLine(line.line, (_refusal("packs", broken),))
    return Changed(line, found, decision)


def refusal_of_file(broken: RuleBroken) -> BadLine:
    """A file that cannot be read to its end, as an error of the line where reading stopped."""
    line = broken.members.get("line")
    reason = f"{type(broken).title()}. {broken.hint}"
    faults = (Fault("", broken.code, reason, broken.chinese),)
    return BadLine(line if isinstance(line, int) else 1, faults)


def goods_of(line: GoodLine) -> Goods:
    """A lot with a manifest of one line; raise the rule that its restrictions break."""
    row = line.values
    article = ManifestLine(
        sku=row["sku"],
        name=row["title"],
        units=row["units_per_pack"] * row["packs"],
        unit_price=Money(row["unit_price"], "CNY"),
        condition=row["condition"],
    )
    return Goods(
        Description(
            row["title"],
            row["category"],
            row.get("tags", ()),
            row.get("city", ""),
            row.get("place"),
        ),
        Manifest((article,)),
        Terms(
            units_per_pack=row["units_per_pack"],
            closes_at=row["closes_at"],
            max_packs_per_host=row.get("max_packs_per_host", row["packs"]),
            min_community_size=row.get("min_community_size", 1),
            best_before=row.get("best_before"),
            restrictions=_restrictions(row),
        ),
        number=row.get("lot_number", ""),
    )


def _restrictions(row: Mapping[str, Any]) -> Restrictions:
    if _RESTRICTING.isdisjoint(row):
        return UNRESTRICTED
    price = row.get("lowest_resale_price")
    return Restrictions(
        regions=row.get("regions", ()),
        channels=row.get("channels", ()),
        resale_allowed=row.get("resale_allowed", True),
        lowest_resale_price=None if price is None else Money(price, "CNY"),
    )


def values_of(lot: StockLot) -> dict[str, Any]:
    """A lot as a line of a file; a mixed one shows all its articles as one."""
    restrictions = lot.terms.restrictions
    price = restrictions.lowest_resale_price
    return {
        "lot_number": lot.number or lot.id,
        "sku": " + ".join(line.sku for line in lot.manifest.lines)[:LONGEST_TEXT].strip(),
        "title": lot.description.title,
        "category": lot.description.category,
        "tags": lot.description.tags,
        "city": lot.description.city,
        "condition": lot.manifest.condition,
        "unit_price": lot.manifest.unit_price.minor,
        "units_per_pack": lot.terms.units_per_pack,
        "packs": lot.packs.total,
        "max_packs_per_host": lot.terms.max_packs_per_host,
        "min_community_size": lot.terms.min_community_size,
        "best_before": lot.terms.best_before,
        "closes_at": lot.terms.closes_at,
        "place": lot.description.place,
        "regions": restrictions.regions,
        "channels": restrictions.channels,
        "resale_allowed": restrictions.resale_allowed,
        "lowest_resale_price": None if price is None else price.minor,
    }


def _new(line: GoodLine, at: datetime) -> New | BadLine:
    if is_given_number(line.values.get("lot_number", "")):
        return BadLine(line.line, (fault("lot_number", "no-such-lot"),))
    if not 1 <= line.values["packs"] <= GREATEST_COUNT:
        return BadLine(line.line, (fault("packs", "not-a-count"),))
    try:
        goods = goods_of(line)
        goods.check(at)
    except DomainError as broken:
        return BadLine(line.line, (_refusal("", broken),))
    return New(line, goods)


def _refusal(column: str, broken: DomainError) -> Fault:
    return Fault(column, broken.code, str(broken), broken.chinese)
