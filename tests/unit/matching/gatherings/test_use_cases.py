"""What is done with gatherings is told once, and what is refused changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.errors import DomainError
from chassis.kernel.ids import derived_id
from services.matching.claims.domain import Status as ClaimStatus
from services.matching.gatherings.domain import (
    Actor,
    CartridgeYanked,
    GatheringNotFound,
    Status,
    VenueShareTooSmall,
)
from services.matching.gatherings.use_cases import (
    AddEvidence,
    Booking,
    Payout,
    PlanGathering,
    Planning,
    Programme,
    add_evidence,
    approve_gathering,
    approve_in_silence,
    cancel_gathering,
    decide_bookings,
    dispute_gathering,
    hold_gathering,
    plan_gathering,
    settle_gatherings,
)
from tests.builders.matching import (
    AUTHOR,
    BRAND,
    CO_HOST,
    DIGEST,
    HOST,
    NOW,
    PLATFORM_ORG,
    STARTS_AT,
    STRANGER,
    VENUE_OWNER,
    a_claim,
    a_community,
    a_gathering,
    a_version,
    an_id,
    an_open_slot,
    counting_ids,
    some_evidence,
)
from tests.unit.matching.fakes import (
    FakeBehaviour,
    FakeClaims,
    FakeCommunities,
    FakeGatherings,
    FakeOrganizations,
    FakeSagas,
    Found,
)

GATHERING = an_id("gth")
HELD = {
    "status": Status.HELD,
    "checked_in": 16,
    "held_at": STARTS_AT,
    "approve_by": STARTS_AT + timedelta(hours=72),
}


class Scene:
    """A claim and perhaps a gathering on it, with everything a use case asks for."""

    def __init__(self, gathering=None, **claim) -> None:
        on_claim = {"gathering_id": gathering.id} if gathering else {}
        self.claims = FakeClaims(a_claim(**on_claim | claim))
        self.gatherings = FakeGatherings(*[gathering] if gathering else [])
        self.sagas, self.behaviour = FakeSagas(), FakeBehaviour()

    def plan(self, *, organizations=None, version=None, slot=None, **changes):
        given = {
            "host_id": HOST,
            "title": "Tea under the lanterns",
            "claim_id": an_id("clm"),
            "cartridge_digest": DIGEST,
            "venue_id": an_id("ven"),
            "slot_id": an_id("slt"),
            "co_host_ids": (CO_HOST,),
            "naming_rights_id": None,
        }
        slot, version = slot or an_open_slot(), version or a_version()
        return plan_gathering(
            PlanGathering(**given | changes),
            planning=Planning(
                gatherings=self.gatherings,
                claims=self.claims,
                programme=Programme(
                    slots=Found(**{slot.id: slot}), cartridges=Found(**{version.digest: version})
                ),
                communities=FakeCommunities(a_community()),
                organizations=organizations or FakeOrganizations(),
                deeds=self.behaviour,
                sagas=self.sagas,
            ),
            ids=counting_ids(),
            now=NOW,
        )

    def decide(self, use_case, *words, by=None, now=NOW, **ports):
        """Call a use case of one gathering with the ports it names."""
        given = {"by": Actor(by) if isinstance(by, str) else by} if by else {}
        kept = {name: getattr(self, name) for name in ports}
        return use_case(GATHERING, *words, **given, gatherings=self.gatherings, now=now, **kept)

    def hold(self, by=HOST):
        return self.decide(hold_gathering, by=by, now=STARTS_AT, behaviour=...)

    def approve(self, by=BRAND):
        return self.decide(approve_gathering, by=by, behaviour=..., sagas=...)

    def dispute(self, by=BRAND):
        return self.decide(dispute_gathering, "nobody came", by=by, behaviour=...)

    def cancel(self, by=HOST):
        return self.decide(cancel_gathering, "rain", by=by, claims=..., behaviour=..., sagas=...)

    @property
    def claim(self):
        return self.claims.get(an_id("clm"))

    @property
    def is_untouched(self):
        kept = self.claims.writes + self.gatherings.writes
        return not (kept or self.sagas.started or self.behaviour.records)


class TestPlanGathering:
    def test_takes_the_claim_and_asks_for_the_slot(self):
        scene = Scene()

        gathering = scene.plan()

        assert scene.claim.gathering_id == gathering.id
        assert scene.gatherings.told == ["matching.gathering.planned.v1"]
        ((kind, saga_id, data),) = scene.sagas.started
        assert (kind, saga_id) == ("slot-booking", derived_id("sag", gathering.id, kind))
        assert {"venue_id": an_id("ven"), "slot_id": an_id("slt"), "people": 20}.items() <= (
            data.items()
        )

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"claim_id": an_id("clm", 7)}, "claim-not-found"),
            ({"host_id": STRANGER}, "claim-not-found"),
            ({"cartridge_digest": "sha256:other"}, "cartridge-not-found"),
            ({"slot_id": an_id("slt", 7)}, "slot-not-found"),
            ({"venue_id": an_id("ven", 7)}, "slot-not-found"),
            ({"co_host_ids": (HOST,)}, "not-a-co-host"),
            ({"organizations": FakeOrganizations(CO_HOST)}, "not-a-co-host"),
        ],
    )
    def test_refuses_what_does_not_fit(self, wrong, code):
        scene = Scene()

        with pytest.raises(DomainError) as refused:
            scene.plan(**wrong)

        assert refused.value.code == code
        assert scene.is_untouched

    def test_refuses_a_slot_whose_venue_wants_more_than_the_terms_leave_it(self):
        scene = Scene()

        with pytest.raises(VenueShareTooSmall) as refused:
            scene.plan(slot=an_open_slot(share_basis_points=801))

        assert refused.value.members == {"asked": 801}
        assert scene.is_untouched
        assert scene.plan(slot=an_open_slot(share_basis_points=800))

    def test_refuses_a_cartridge_that_its_author_has_yanked(self):
        scene = Scene()

        with pytest.raises(CartridgeYanked):
            scene.plan(version=replace(a_version(), is_yanked=True))

        assert scene.is_untouched

    @pytest.mark.parametrize(
        ("claim", "code"),
        [
            ({"status": ClaimStatus.REQUESTED}, "claim-not-confirmed"),
            ({"status": ClaimStatus.REJECTED}, "claim-not-confirmed"),
            ({"gathering_id": an_id("gth", 7)}, "claim-taken"),
        ],
    )
    def test_needs_a_confirmed_claim_that_is_free(self, claim, code):
        scene = Scene(**claim)

        with pytest.raises(DomainError) as refused:
            scene.plan()

        assert refused.value.code == code
        assert scene.is_untouched


class TestDecideBookings:
    def decide(self, scene, *booking):
        decide_bookings(
            [Booking(GATHERING, *booking)],
            gatherings=scene.gatherings,
            claims=scene.claims,
            now=NOW,
        )

    def test_opens_what_has_its_slot(self):
        scene = Scene(a_gathering(status=Status.PLANNED))

        self.decide(scene)

        assert scene.gatherings.told == ["matching.gathering.opened.v1"]
        assert scene.claim.gathering_id == GATHERING

    def test_gives_the_claim_back_when_the_slot_is_taken(self):
        scene = Scene(a_gathering(status=Status.PLANNED))

        self.decide(scene, "slot-taken", "by another gathering")

        assert scene.gatherings.told == ["matching.gathering.refused.v1"]
        assert scene.claim.gathering_id is None
        assert scene.plan().status is Status.PLANNED

    def test_leaves_alone_what_was_cancelled_meanwhile(self):
        scene = Scene(a_gathering(status=Status.CANCELLED), status=ClaimStatus.CANCELLED)

        self.decide(scene)
        self.decide(scene, "slot-taken")

        assert scene.is_untouched


class TestAddEvidence:
    def test_keeps_who_showed_what(self):
        scene = Scene(a_gathering())
        command = AddEvidence(
            gathering_id=GATHERING,
            organization_id=CO_HOST,
            kind="note",
            text="16 people, all happy",
            digest=None,
        )

        shown = add_evidence(command, gatherings=scene.gatherings, ids=counting_ids(), now=NOW)

        (piece,) = shown.evidence
        assert (piece.text, piece.added_by) == ("16 people, all happy", CO_HOST)


class TestHoldGathering:
    def test_is_remembered_of_host_and_co_host(self):
        scene = Scene(a_gathering(checked_in=16, evidence=(some_evidence(),)))

        scene.hold()

        assert scene.gatherings.told == ["matching.gathering.held.v1"]
        assert scene.behaviour.deeds == [("held", HOST, 16), ("held", CO_HOST, 16)]


class TestApproveGathering:
    def test_sends_the_parties_to_be_paid(self):
        scene = Scene(a_gathering(**HELD, naming_rights_id=an_id("nam")))

        scene.approve()

        assert scene.behaviour.deeds == [("answered", BRAND, 1)]
        ((kind, saga_id, data),) = scene.sagas.started
        assert (kind, saga_id) == ("settlement", derived_id("sag", GATHERING, kind))
        assert data == {
            "gathering_id": GATHERING,
            "claim_id": an_id("clm"),
            "offer_id": an_id("off"),
            "parties": {
                "brand": [BRAND],
                "host": [HOST],
                "co_host": [CO_HOST],
                "venue": [VENUE_OWNER],
                "author": [AUTHOR],
                "platform": ["platform"],
            },
            "royalties": {AUTHOR: 10_000},
            "cartridge_digest": scene.gatherings.get(GATHERING).cartridge.digest,
            "checked_in": 16,
            "min_checked_in": 12,
            "naming_rights_id": an_id("nam"),
        }

    def test_by_the_platform_is_no_deed_of_the_brand(self):
        scene = Scene(a_gathering(**HELD | {"status": Status.DISPUTED}))

        scene.approve(by=Actor(PLATFORM_ORG, is_platform=True))

        assert scene.behaviour.deeds == []
        assert len(scene.sagas.started) == 1

    def test_comes_by_silence_once(self):
        scene = Scene(a_gathering(**HELD))
        end = STARTS_AT + timedelta(hours=72)

        for moment in (end - timedelta(seconds=1), end, end):
            scene.decide(approve_in_silence, now=moment, sagas=...)

        assert [event.by for event in scene.gatherings.events] == ["silence"]
        assert len(scene.sagas.started) == 1


class TestDisputeGathering:
    def test_is_remembered_and_pays_nobody(self):
        scene = Scene(a_gathering(**HELD))

        scene.dispute()

        assert scene.gatherings.told == ["matching.gathering.disputed.v1"]
        assert scene.behaviour.deeds == [("disputed", HOST, 1)]
        assert scene.sagas.started == []


class TestCancelGathering:
    def test_ends_the_claim_and_gives_everything_back(self):
        scene = Scene(a_gathering())

        scene.cancel()

        assert scene.gatherings.told == ["matching.gathering.cancelled.v1"]
        assert scene.claims.told == ["matching.claim.cancelled.v1"]
        assert scene.behaviour.deeds == [("called-off", HOST, 1)]
        ((kind, _, data),) = scene.sagas.started
        assert (kind, data["slot_id"], data["lot_id"]) == (
            "cancellation",
            an_id("slt"),
            an_id("lot"),
        )

    def test_by_the_platform_is_not_held_against_the_host(self):
        scene = Scene(a_gathering())

        scene.cancel(by=Actor(PLATFORM_ORG, is_platform=True))

        assert scene.behaviour.deeds == []


class TestSettleGatherings:
    def test_ends_gathering_and_claim(self):
        scene = Scene(a_gathering(status=Status.APPROVED))

        settle_gatherings(
            [Payout(GATHERING, an_id("stl"))],
            gatherings=scene.gatherings,
            claims=scene.claims,
            behaviour=scene.behaviour,
            now=NOW,
        )

        assert scene.gatherings.told == ["matching.gathering.settled.v1"]
        assert scene.claims.told == ["matching.claim.settled.v1"]
        assert scene.behaviour.deeds == [("settled", HOST, 1)]


class TestStrangers:
    @pytest.mark.parametrize("verb", ["hold", "approve", "dispute", "cancel"])
    def test_are_told_that_there_is_no_such_gathering(self, verb):
        scene = Scene(a_gathering(**HELD))

        with pytest.raises(GatheringNotFound):
            getattr(scene, verb)(by=STRANGER)

        assert scene.is_untouched

    @pytest.mark.parametrize(
        ("verb", "by"), [("hold", BRAND), ("approve", HOST), ("dispute", HOST), ("cancel", BRAND)]
    )
    def test_parties_do_not_do_each_others_work(self, verb, by):
        scene = Scene(a_gathering(**HELD))

        with pytest.raises(DomainError) as refused:
            getattr(scene, verb)(by=by)

        assert refused.value.code in {"not-the-host", "not-the-brand"}
        assert scene.is_untouched
