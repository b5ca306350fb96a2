"""A gathering: goods, a cartridge and a venue's slot, from the plan to the settlement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chassis.kernel.decisions import Decision, Revision
from services.matching.claims.domain import Goods
from services.matching.gatherings.domain.parts import Actor, Cartridge, Evidence, Slot, Status
from services.matching.gatherings.domain.refusals import (
    CannotCancel,
    EnoughEvidence,
    EvidenceMissing,
    EvidenceUnfit,
    GatheringNotOpen,
    NoSuchStep,
    NotBegun,
    NothingToShow,
    NotTheBrand,
    NotTheHost,
    NotUnderReview,
)
from services.matching.gatherings.engine.sheet import NOTHING_ASKED, SHOWN_BY, Sheet
from services.matching.gatherings.events import (
    GatheringApproved,
    GatheringCancelled,
    GatheringDisputed,
    GatheringHeld,
    GatheringOpened,
    GatheringRefused,
    GatheringSettled,
)

APPROVAL_PERIOD = timedelta(hours=72)
OVERDUE_AFTER = timedelta(days=7)
EVIDENCE_LIMIT = 40  # twice what a cartridge can ask for
PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What people attend: who answers for it, where and when, and how far it has come.

    ``goods`` are those of its claim: of one lot, or of every line of ``kit_id``, whose
    ``offer_id`` is empty. ``capacity`` is how many may check in. ``checked_in`` and
    ``returned`` (packs by lot) count what lies in records of their own. ``sheet`` is what the
    cartridge asks of this plan; ``approved_brands`` have approved, and all of them must.
    """

    id: str
    title: str
    claim_id: str
    goods: tuple[Goods, ...]
    offer_id: str
    host_id: str
    co_host_ids: tuple[str, ...]
    community_id: str
    min_checked_in: int
    cartridge: Cartridge
    slot: Slot
    naming_rights_id: str | None
    capacity: int
    planned_at: datetime
    kit_id: str | None = None
    sheet: Sheet = NOTHING_ASKED
    status: Status = Status.PLANNED
    checked_in: int = 0
    evidence: tuple[Evidence, ...] = ()
    returned: Mapping[str, int] = field(default_factory=dict)
    approved_brands: tuple[str, ...] = ()
    refusal_code: str | None = None
    refusal_detail: str | None = None
    why: str | None = None
    held_at: datetime | None = None
    approve_by: datetime | None = None
    approved_by: str | None = None
    settlement_id: str | None = None
    revision: Revision = Revision()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host and the co-hosts: all who may work at the door and the till."""
        return (self.host_id, *self.co_host_ids)

    @property
    def brand_ids(self) -> tuple[str, ...]:
        """The brands whose goods are there, each once."""
        return tuple(dict.fromkeys(each.brand_id for each in self.goods))

    @property
    def brand_id(self) -> str:
        """The brand, of a kit the first."""
        return self.brand_ids[0]

    @property
    def lot_id(self) -> str | None:
        """The lot; None for a kit."""
        return None if self.kit_id else self.goods[0].lot_id

    @property
    def packs(self) -> int:
        """Packs of all its goods."""
        return sum(each.packs for each in self.goods)

    @property
    def packs_returned(self) -> int:
        """Packs of all lots that came back."""
        return sum(self.returned.values())

    @property
    def wanted(self) -> tuple[dict[str, object], ...]:
        """Every step, point and evidence, and whether a piece shows it; heads are counted."""
        answered = {piece.answers for piece in self.evidence}
        return tuple(
            {
                "path": point.path,
                "text": dict(point.text),
                "kinds": sorted(SHOWN_BY.get(point.shown_by, ())),
                "required": point.required,
                "is_shown": point.path in answered,
            }
            for point in self.sheet.points
        )

    @property
    def parties(self) -> dict[str, tuple[str, ...]]:
        """Who shares what it earns, by role; a role nobody fills is absent."""
        filled = {
            "brand": self.brand_ids,
            "host": (self.host_id,),
            "co_host": self.co_host_ids,
            "venue": (self.slot.venue_org_id,),
            "author": tuple(self.cartridge.royalties),
            PLATFORM: (PLATFORM,),
        }
        return {role: who for role, who in filled.items() if who}

    def involves(self, organization_id: str) -> bool:
        """Whether an organisation has any part in it."""
        return any(organization_id in who for who in self.parties.values())

    def is_ahead(self, moment: datetime) -> bool:
        """Whether it has not begun and nobody was let in: calling it off undoes no evening."""
        may_begin = self.status in {Status.PLANNED, Status.OPENED}
        return may_begin and moment < self.slot.starts_at and not self.checked_in

    def is_consented(self, moment: datetime) -> bool:
        """Whether the brand's time to object is over and it said nothing."""
        return (
            self.status is Status.HELD
            and self.approve_by is not None
            and moment >= self.approve_by
        )

    def is_overdue(self, moment: datetime) -> bool:
        """Whether nobody has said for a week after its end that it took place."""
        return self.status is Status.OPENED and moment >= self.slot.ends_at + OVERDUE_AFTER

    def open(self, *, now: datetime) -> Decision[Gathering]:
        """The slot is booked."""
        self._must_be(Status.PLANNED)
        opened = GatheringOpened(gathering_id=self.id, occurred_at=now)
        return Decision(replace(self, status=Status.OPENED), (opened,))

    def refuse(self, code: str, detail: str, *, now: datetime) -> Decision[Gathering]:
        """The slot cannot be had; the claim is free for another plan."""
        self._must_be(Status.PLANNED)
        refused = GatheringRefused(gathering_id=self.id, code=code, occurred_at=now)
        state = replace(self, status=Status.REFUSED, refusal_code=code, refusal_detail=detail)
        return Decision(state, (refused,))

    def must_be_run_by(self, organization_id: str) -> None:
        """Raise ``NotTheHost`` for anyone but the host and the co-hosts."""
        if organization_id not in self.hosts:
            raise NotTheHost

    def must_be_hosted_by(self, organization_id: str) -> None:
        """Raise ``NotTheHost`` for anyone but the host."""
        if organization_id != self.host_id:
            raise NotTheHost

    def must_be_open(self) -> None:
        """Raise ``GatheringNotOpen`` unless it has its slot and is still to be held."""
        self._must_be(Status.OPENED)

    def add_evidence(self, piece: Evidence) -> Decision[Gathering]:
        """Show something; more may follow until the gathering is approved.

        What it answers must be a step, a point or evidence of the pinned cartridge.
        """
        self.must_be_run_by(piece.added_by)
        if self.status not in {Status.OPENED, Status.HELD, Status.DISPUTED}:
            raise GatheringNotOpen(f"the gathering is {self.status}", state=str(self.status))
        if len(self.evidence) >= EVIDENCE_LIMIT:
            raise EnoughEvidence
        self._must_answer(piece)
        return Decision(replace(self, evidence=(*self.evidence, piece)))

    def hold(self, *, by: str, now: datetime) -> Decision[Gathering]:
        """Say that it took place; the brand has 72 hours to object."""
        self.must_be_hosted_by(by)
        self.must_be_open()
        if now < self.slot.starts_at:
            raise NotBegun(f"begins at {self.slot.starts_at.isoformat()}")
        if not self.checked_in or not self.evidence:
            raise NothingToShow(
                f"{self.checked_in} checked in, {len(self.evidence)} pieces of evidence",
                checked_in=self.checked_in,
                evidence=len(self.evidence),
            )
        self._must_show_all()
        approve_by = now + APPROVAL_PERIOD
        held = GatheringHeld(
            gathering_id=self.id,
            claim_id=self.claim_id,
            checked_in=self.checked_in,
            approve_by=approve_by,
            occurred_at=now,
        )
        return Decision(
            replace(self, status=Status.HELD, held_at=now, approve_by=approve_by), (held,)
        )

    def approve(self, *, by: Actor, now: datetime) -> Decision[Gathering]:
        """Its brands approve what was held, each of them, or the platform rules on a dispute."""
        if by.is_platform:
            self._must_be_reviewed(Status.DISPUTED)
            return self._approved(PLATFORM, now=now)
        if by.organization_id not in self.brand_ids:
            raise NotTheBrand
        self._must_be_reviewed(Status.HELD, Status.DISPUTED)
        so_far = dict.fromkeys((*self.approved_brands, by.organization_id))
        agreed = replace(self, approved_brands=tuple(so_far))
        if set(so_far) != set(self.brand_ids):
            return Decision(agreed)
        return agreed._approved("brand", now=now)

    def approve_by_silence(self, *, now: datetime) -> Decision[Gathering]:
        """The brand said nothing in time; raise ``NotUnderReview`` before that."""
        if not self.is_consented(now):
            raise NotUnderReview(f"the gathering is {self.status}", state=str(self.status))
        return self._approved("silence", now=now)

    def dispute(self, why: str, *, by: str, now: datetime) -> Decision[Gathering]:
        """A brand objects, before its time for that is over; then all of them must approve."""
        if by not in self.brand_ids:
            raise NotTheBrand
        self._must_be_reviewed(Status.HELD)
        if self.is_consented(now):
            raise NotUnderReview(f"the time to object ended at {self.approve_by}")
        disputed = GatheringDisputed(gathering_id=self.id, occurred_at=now)
        others = tuple(brand for brand in self.approved_brands if brand != by)
        state = replace(self, status=Status.DISPUTED, why=why, approved_brands=others)
        return Decision(state, (disputed,))

    def review(self, *, now: datetime) -> Decision[Gathering]:
        """Have the platform rule on what is overdue; raise ``NotUnderReview`` before that."""
        if not self.is_overdue(now):
            raise NotUnderReview(f"the gathering is {self.status}", state=str(self.status))
        disputed = GatheringDisputed(gathering_id=self.id, occurred_at=now)
        why = f"nobody said within {OVERDUE_AFTER.days} days of its end that it took place"
        return Decision(replace(self, status=Status.DISPUTED, why=why), (disputed,))

    def cancel(self, why: str, *, by: Actor, now: datetime) -> Decision[Gathering]:
        """Call it off before it is held; the platform may do so while it is disputed too."""
        may_be = {Status.PLANNED, Status.OPENED}
        if by.is_platform:
            may_be.add(Status.DISPUTED)
        else:
            self.must_be_hosted_by(by.organization_id)
        if self.status not in may_be:
            raise CannotCancel(f"the gathering is {self.status}", state=str(self.status))
        cancelled = GatheringCancelled(
            gathering_id=self.id,
            claim_id=self.claim_id,
            host_id=self.host_id,
            occurred_at=now,
        )
        return Decision(replace(self, status=Status.CANCELLED, why=why), (cancelled,))

    def settle(self, settlement_id: str, *, now: datetime) -> Decision[Gathering]:
        """Every share was paid."""
        self._must_be_reviewed(Status.APPROVED)
        settled = GatheringSettled(
            gathering_id=self.id,
            settlement_id=settlement_id,
            host_id=self.host_id,
            cartridge_id=self.cartridge.id,
            cartridge_digest=self.cartridge.digest,
            checked_in=self.checked_in,
            occurred_at=now,
        )
        return Decision(
            replace(self, status=Status.SETTLED, settlement_id=settlement_id), (settled,)
        )

    def _approved(self, by: str, *, now: datetime) -> Decision[Gathering]:
        approved = GatheringApproved(
            gathering_id=self.id, claim_id=self.claim_id, by=by, occurred_at=now
        )
        return Decision(replace(self, status=Status.APPROVED, approved_by=by), (approved,))

    def _must_be(self, status: Status) -> None:
        if self.status is not status:
            raise GatheringNotOpen(f"the gathering is {self.status}", state=str(self.status))

    def _must_be_reviewed(self, *among: Status) -> None:
        if self.status not in among:
            raise NotUnderReview(f"the gathering is {self.status}", state=str(self.status))

    def _must_answer(self, piece: Evidence) -> None:
        if piece.answers is None:
            return
        point = self.sheet.point(piece.answers)
        if point is None:
            raise NoSuchStep(f"nothing at {piece.answers}")
        if point.shown_by and piece.kind not in (kinds := SHOWN_BY[point.shown_by]):
            wanted = sorted(kinds)
            raise EvidenceUnfit(f"{piece.kind} given, {' or '.join(wanted)} wanted", kinds=wanted)

    def _must_show_all(self) -> None:
        missing = self.sheet.missing(piece.answers or "" for piece in self.evidence)
        if missing:
            told = [{"path": point.path, "text": dict(point.text)} for point in missing]
            raise EvidenceMissing(", ".join(point.path for point in missing), missing=told)
