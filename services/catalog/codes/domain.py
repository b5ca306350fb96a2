"""Batches of signed codes, the rules of making them, and what a scan of one is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from services.catalog.codes.engine.spelling import Code, CodeKind

MOST_CODES = 10_000
CODES_A_SHEET = 24
# Of one code. More visitors than that a day are shown the page and not counted, which
# bounds what a flood of requests can store.
MOST_SCANS_A_DAY = 1_000


class CodeBatchNotFound(NotFound):
    """There is no such batch of codes."""

    code = "code-batch-not-found"
    hint = "Check the batch's identifier and that it belongs to your organisation."
    chinese = "没有这批二维码，请核对编号及其所属组织。"


class CodeInvalid(RuleBroken):
    """The code was not made here."""

    code = "code-invalid"
    hint = "Scan the whole code again; if it stays so, the code is not genuine."
    chinese = "二维码无效：请完整重新扫描；若仍如此，则不是本平台的码。"


class CodeKeyUnknown(RuleBroken):
    """The code is signed with a key that is not ours."""

    code = "code-key-unknown"
    hint = "Fetch the public keys again; if the key is not among them, the code is not genuine."
    chinese = "二维码的签名密钥未知，该码可能不是本平台的码。"


class CodesWithdrawn(RuleBroken):
    """The code was withdrawn by who made it."""

    code = "codes-withdrawn"
    hint = "Ask where you got it for a new one."
    chinese = "该二维码已被发码方作废，请索取新码。"


class CodeNamesTooLittle(RuleBroken):
    """A code of this kind must name more than that."""

    code = "code-names-too-little"
    hint = "A pack's code names its lot, an invitation its community; both are sent with the kind."
    chinese = "货包码须注明批次，邀请码须注明社群。"


class CodeKindNotForBrands(RuleBroken):
    """A brand makes codes for packs only."""

    code = "code-kind-not-for-brands"
    hint = "Leave invitations and doors to the hosts, who invite and open them."
    chinese = "品牌方只能制作货包码；邀请码与门码由主理人制作。"


class PacksNotHeld(RuleBroken):
    """The host holds no packs of this lot."""

    code = "packs-not-held"
    hint = "Name a lot of which the host has a confirmed claim."
    chinese = "该主理人没有此批次已确认的认领。"


class SheetNotFound(NotFound):
    """The batch has fewer sheets than that."""

    code = "sheet-not-found"
    hint = f"A sheet holds {CODES_A_SHEET} codes; the batch says how many sheets it has."
    chinese = f"没有这一页；每页 {CODES_A_SHEET} 个码，总页数见该批信息。"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBatch:
    """Codes that were made together and are credited alike.

    The codes are not kept: key and serial give each of them again, the same one each
    time. ``salt`` keeps visitors apart from those of other batches.
    """

    id: str
    owner_id: str
    kind: CodeKind
    count: int
    key_id: str
    salt: str
    made_at: datetime
    lot_id: str | None = None
    host_id: str | None = None
    community_id: str | None = None
    withdrawn_at: datetime | None = None
    revision: Revision = Revision()

    @property
    def sheets(self) -> int:
        """How many pages it takes to print them."""
        return -(-self.count // CODES_A_SHEET)

    def make(self) -> Decision[CodeBatch]:
        """Let the batch be, or raise the rule that forbids it."""
        if self.kind is not CodeKind.PACK and self.host_id != self.owner_id:
            raise CodeKindNotForBrands(f"{self.kind} codes")
        if self.kind is CodeKind.PACK and self.lot_id is None:
            raise CodeNamesTooLittle("a pack's code without a lot")
        if self.kind is CodeKind.INVITATION and self.community_id is None:
            raise CodeNamesTooLittle("an invitation without a community")
        return Decision(self)

    def withdraw(self, *, at: datetime) -> Decision[CodeBatch]:
        """Let no code of it count any more."""
        if self.withdrawn_at is not None:
            raise CodesWithdrawn(f"withdrawn at {self.withdrawn_at.isoformat()}")
        return Decision(replace(self, withdrawn_at=at))

    def code(self, serial: int) -> Code:
        """One of its codes, counted from 1."""
        return Code(
            kind=self.kind,
            batch_id=self.id,
            serial=serial,
            lot_id=self.lot_id,
            host_id=self.host_id,
            community_id=self.community_id,
        )

    def sheet(self, number: int) -> range:
        """The serials on one sheet, counted from 1; raise ``SheetNotFound``."""
        if not 1 <= number <= self.sheets:
            raise SheetNotFound(f"sheet {number} of {self.sheets}", sheets=self.sheets)
        first = (number - 1) * CODES_A_SHEET + 1
        return range(first, min(first + CODES_A_SHEET, self.count + 1))

    def scan(self, code: Code, *, key_id: str, visitor: str, at: datetime) -> Scan:
        """What it means that a visitor scanned one of its codes.

        Raises ``CodeInvalid`` for a code that this batch does not have, or that another
        key signed, and ``CodesWithdrawn``.
        """
        is_ours = code == self.code(code.serial) and 1 <= code.serial <= self.count
        if not is_ours or key_id != self.key_id:
            raise CodeInvalid("its batch has no such code")
        if self.withdrawn_at is not None:
            raise CodesWithdrawn(f"withdrawn at {self.withdrawn_at.isoformat()}")
        day = at.date().isoformat()
        mark = hashlib.sha256(f"{self.salt}\x1f{day}\x1f{visitor}".encode()).hexdigest()[:32]
        return Scan(
            id=derived_id("scn", self.id, str(code.serial), mark),
            code=code,
            owner_id=self.owner_id,
            visitor=mark,
            day=day,
            at=at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One visitor, one code, one day (UTC): counted once, and never changed.

    ``visitor`` is salted by batch and day: it tells visitors of one day apart, and says
    nothing about who they are or where else they were.
    """

    id: str
    code: Code
    owner_id: str
    visitor: str
    day: str
    at: datetime
