"""One import: a file checked, its good lines kept apart, confirmed, and published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import DomainError, NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.catalog.imports.engine.check import BadLine, Fault, GoodLine, lines_of
from services.catalog.lots.domain import Description, Goods, Manifest, ManifestLine, Terms

ROWS_PER_CHUNK = 500
CONFIRM_WITHIN = timedelta(days=7)


class ImportNotFound(NotFound):
    """There is no such import."""

    code = "import-not-found"
    hint = "Check the import's identifier and that it belongs to your organisation."
    chinese = "没有这个导入，请核对编号及其所属组织。"


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
    """The import has no good line."""

    code = "nothing-to-publish"
    hint = "Correct the lines named under errors and import the file again."
    chinese = "没有可发布的行，请按错误列表修改后重新导入。"


class ImportState(StrEnum):
    """How far an import has come."""

    CHECKED = "checked"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a dry run found: the goods that could be published, and every bad line."""

    good: tuple[tuple[int, Goods], ...]
    bad: tuple[BadLine, ...]


@dataclass(frozen=True, slots=True)
class LotImport:
    """A brand's file of lots.

    Good lines lie in chunks of ``ROWS_PER_CHUNK``; ``next_chunk`` is where publishing
    goes on, so that a worker that dies loses and repeats nothing. ``lapsed`` counts good
    lines whose time was over before they were published.
    """

    id: str
    brand_id: str
    encoding: str
    good: int
    bad: int
    chunks: int
    created_at: datetime
    state: ImportState = ImportState.CHECKED
    next_chunk: int = 0
    published: int = 0
    lapsed: int = 0
    revision: Revision = Revision()

    @property
    def lines(self) -> int:
        """All lines below the header."""
        return self.good + self.bad

    def confirm(self, *, at: datetime) -> Decision[LotImport]:
        """Have the good lines published."""
        if self.state is not ImportState.CHECKED:
            raise ImportConfirmed(f"it is {self.state}")
        if at >= self.created_at + CONFIRM_WITHIN:
            raise ImportStale(f"checked at {self.created_at.isoformat()}")
        if self.good == 0:
            raise NothingToPublish
        return Decision(replace(self, state=ImportState.CONFIRMED))

    def advance(self, *, published: int, lapsed: int) -> Decision[LotImport]:
        """Note one more chunk as done."""
        after = replace(
            self,
            next_chunk=self.next_chunk + 1,
            published=self.published + published,
            lapsed=self.lapsed + lapsed,
        )
        done = after.next_chunk == after.chunks
        return Decision(replace(after, state=ImportState.PUBLISHED) if done else after)


def dry_run(text: str, *, at: datetime, most_lines: int) -> Checked:
    """Read a file without publishing anything; every line is good or told why not.

    Raises a ``RuleBroken`` for a file that is no such table at all.
    """
    good: list[tuple[int, Goods]] = []
    bad: list[BadLine] = []
    for line in lines_of(text, most=most_lines):
        if isinstance(line, BadLine):
            bad.append(line)
            continue
        goods = goods_of(line)
        refusal = refusal_of(goods, at)
        if refusal is None:
            good.append((line.line, goods))
        else:
            bad.append(BadLine(line.line, (refusal,)))
    return Checked(tuple(good), tuple(bad))


def refusal_of(goods: Goods, at: datetime) -> Fault | None:
    """Why a lot may not be published now, if so: the same rules as for a single one."""
    try:
        goods.check(at)
    except DomainError as broken:
        return Fault("", broken.code, str(broken), broken.chinese)
    return None


def lot_id(import_id: str, line: int) -> str:
    """The lot of one line; publishing it again would be the same lot."""
    return derived_id("lot", import_id, str(line))


def goods_of(line: GoodLine) -> Goods:
    """A lot with a manifest of one line."""
    row = line.values
    article = ManifestLine(
        sku=row["sku"],
        name=row["title"],
        units=row["units_per_pack"] * row["packs"],
        unit_price=Money(row["unit_price"], "CNY"),
        condition=row["condition"],
    )
    return Goods(
        Description(row["title"], row["category"].lower(), row["tags"], row["city"]),
        Manifest((article,)),
        Terms(
            units_per_pack=row["units_per_pack"],
            closes_at=row["closes_at"],
            max_packs_per_host=row["max_packs_per_host"] or row["packs"],
            min_community_size=row["min_community_size"],
            best_before=row["best_before"],
        ),
    )
