"""A plan is asked by its cartridge: conditions, the room, evidence; a kit brings its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chassis.kernel.errors import DomainError
from services.matching.behaviour.domain import Deed, record
from services.matching.gatherings.domain import Status
from tests.builders.matching import (
    BRAND,
    DIGEST,
    HOST,
    OTHER_BRAND,
    STARTS_AT,
    a_gathering,
    a_kit,
    a_kit_claim,
    a_version,
    an_id,
    an_open_slot,
    some_evidence,
)
from tests.unit.matching.fakes import FakeClaims
from tests.unit.matching.gatherings.test_use_cases import Scene

MANIFEST = {
    "languages": ["zh", "en"],
    "people": {"min": 8, "max": 20},
    "programme": [
        {"starts_minute": 0, "minutes": 60, "title": {"zh": "喝茶", "en": "Tea"}},
        {
            "starts_minute": 60,
            "minutes": 30,
            "title": {"zh": "夜谈", "en": "Night talk"},
            "only_if": "hour >= 21",
        },
    ],
    "conditions": [
        {
            "id": "evening",
            "rule": "hour >= 17",
            "otherwise": {"zh": "只在晚上。", "en": "Evenings only."},
        },
        {
            "id": "known",
            "rule": "gatherings_held > 0 || 'tea' in community_tags",
            "otherwise": {"zh": "需爱茶。", "en": "For those who like tea."},
        },
    ],
    "venue": {"equipment": ["kettle"], "indoor": True},
    "questions": [{"id": "allergies", "title": {"en": "Any?"}, "kind": "text", "required": True}],
    "checklist": [{"when": "before", "text": {"zh": "摆桌子", "en": "Set the tables"}}],
    "evidence": [
        {"kind": "photo", "text": {"zh": "合影", "en": "All together"}, "required": True},
        {"kind": "headcount", "text": {"zh": "人数", "en": "Heads"}, "required": True},
        {"kind": "note", "text": {"zh": "感想", "en": "Thoughts"}},
    ],
}
# 20:00 in Shanghai.
EVENING = datetime(2026, 3, 4, 12, tzinfo=UTC)
ROOM = {"equipment": ("kettle", "tables"), "starts_at": EVENING}


def planned(*, manifest=MANIFEST, scene=None, slot=None, **changes):
    scene = scene or Scene()
    return scene.plan(
        version=a_version(manifest=manifest),
        slot=an_open_slot(**ROOM | (slot or {})),
        **changes,
    )


class TestConditions:
    def test_let_a_plan_that_meets_them(self):
        assert planned().status is Status.PLANNED

    def test_refuse_with_the_authors_own_words(self):
        scene = Scene()
        # 16:59 where the venue is.
        slot = {"starts_at": EVENING.replace(hour=8, minute=59)}

        with pytest.raises(DomainError) as refused:
            planned(scene=scene, slot=slot)

        assert refused.value.code == "condition-not-met"
        assert str(refused.value) == "Evenings only."
        assert refused.value.members["conditions"] == [
            {"path": "/conditions/0", "why": {"zh": "只在晚上。", "en": "Evenings only."}}
        ]
        assert scene.is_untouched

    def test_are_asked_by_the_clock_of_the_venue(self):
        # 16:59 in Shanghai is 17:59 in Tokyo.
        slot = {"starts_at": EVENING.replace(hour=8, minute=59), "time_zone": "Asia/Tokyo"}

        assert planned(slot=slot).status is Status.PLANNED

    def test_count_what_the_host_has_held(self):
        wanted = {"rule": "gatherings_held > 0", "otherwise": {"en": "Once before."}}
        manifest = MANIFEST | {"conditions": [wanted]}
        scene = Scene()
        with pytest.raises(DomainError):
            planned(manifest=manifest, scene=scene)

        held = an_id("gth", 7)
        scene.behaviour.append(
            [record(Deed.HELD, HOST, gathering_id=held, origin=held, at=EVENING)]
        )

        assert planned(manifest=manifest, scene=scene).status is Status.PLANNED

    def test_without_an_answer_refuse(self):
        wanted = {"rule": "people / teams > 2", "otherwise": {"en": "More."}}

        with pytest.raises(DomainError) as refused:
            planned(manifest=MANIFEST | {"conditions": [wanted]})

        assert refused.value.code == "condition-not-met"

    def test_are_asked_for_as_many_as_are_planned(self):
        wanted = {"rule": "people <= 10", "otherwise": {"en": "Ten at most."}}
        manifest = MANIFEST | {"conditions": [wanted]}

        assert planned(manifest=manifest, people=10).capacity == 10
        with pytest.raises(DomainError):
            planned(manifest=manifest, people=11)

    def test_are_not_known_of_a_version_told_of_before(self):
        assert planned(manifest=None, slot={"equipment": ()}).status is Status.PLANNED


class TestVenueNeeds:
    @pytest.mark.parametrize(
        ("slot", "code"),
        [({"equipment": ()}, "equipment-missing"), ({"indoor": False}, "outdoors")],
    )
    def test_are_matched_by_machine(self, slot, code):
        scene = Scene()

        with pytest.raises(DomainError) as refused:
            planned(scene=scene, slot=slot)

        assert refused.value.code == "venue-unsuitable"
        assert [each["code"] for each in refused.value.members["misfits"]] == [code]
        assert scene.is_untouched


class TestEvidence:
    def opened(self, **changes):
        sheet = planned().sheet
        return a_gathering(sheet=sheet, checked_in=9, **changes)

    def test_is_frozen_with_the_plan(self):
        gathering = planned()

        assert [(each["path"], each["required"]) for each in gathering.wanted] == [
            ("/programme/0", False),
            ("/checklist/0", False),
            ("/evidence/0", True),
            ("/evidence/1", False),  # counted at the door
            ("/evidence/2", False),
        ]
        assert [question.id for question in gathering.sheet.questions] == ["allergies"]

    def test_that_is_required_is_missed_until_it_is_shown(self):
        gathering = self.opened(evidence=(some_evidence(),))

        with pytest.raises(DomainError) as refused:
            gathering.hold(by=HOST, now=STARTS_AT)

        assert refused.value.code == "evidence-missing"
        assert refused.value.members["missing"] == [
            {"path": "/evidence/0", "text": {"zh": "合影", "en": "All together"}}
        ]
        shown = gathering.add_evidence(some_evidence(answers="/evidence/0")).state
        assert shown.wanted[2]["is_shown"]
        assert shown.hold(by=HOST, now=STARTS_AT).state.status is Status.HELD

    @pytest.mark.parametrize(
        ("piece", "code"),
        [
            ({"answers": "/programme/1"}, "no-such-step"),
            ({"answers": "/evidence/9"}, "no-such-step"),
            ({"answers": "/evidence/0", "kind": "note"}, "evidence-unfit"),
        ],
    )
    def test_must_answer_what_the_plan_has(self, piece, code):
        with pytest.raises(DomainError) as refused:
            self.opened().add_evidence(some_evidence(**piece))

        assert refused.value.code == code

    def test_may_show_a_step_or_a_point(self):
        gathering = self.opened()

        for path in ("/programme/0", "/checklist/0"):
            gathering = gathering.add_evidence(some_evidence(answers=path, kind="note")).state

        assert [each["is_shown"] for each in gathering.wanted[:2]] == [True, True]


class TestKit:
    def scene(self):
        scene = Scene()
        scene.claims = FakeClaims(a_kit_claim())
        return scene

    def plan(self, scene, **changes):
        room = an_open_slot(equipment=("stove",))
        return scene.plan(cartridge_digest=None, slot=changes.pop("slot", room), **changes)

    def test_brings_its_own_cartridge_and_goods(self):
        gathering = self.plan(self.scene())

        assert gathering.cartridge.digest == a_kit().cartridge_digest
        assert gathering.brand_ids == (BRAND, OTHER_BRAND)
        assert (gathering.packs, gathering.kit_id) == (3, a_kit().id)

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"slot": an_open_slot()}, "venue-unsuitable"),
            ({"slot": an_open_slot(equipment=("stove",), capacity=11)}, "venue-too-small"),
        ],
    )
    def test_needs_the_room_that_was_signed(self, wrong, code):
        scene = self.scene()

        with pytest.raises(DomainError) as refused:
            self.plan(scene, **wrong)

        assert refused.value.code == code

    def test_is_planned_with_no_other_cartridge(self):
        with pytest.raises(DomainError) as refused:
            self.scene().plan(
                cartridge_digest="sha256:other", slot=an_open_slot(equipment=("stove",))
            )

        assert refused.value.code == "kit-other-theme"

    def test_alone_may_leave_the_cartridge_out(self):
        with pytest.raises(DomainError) as refused:
            Scene().plan(cartridge_digest=None)

        assert refused.value.code == "theme-missing"

    def test_is_approved_by_all_its_brands(self):
        held = {"status": Status.HELD, "goods": a_kit_claim().goods, "kit_id": a_kit().id}
        scene = Scene(a_gathering(**held, approve_by=STARTS_AT))

        first = scene.approve(BRAND)
        again = scene.approve(BRAND)

        assert (first.status, first.approved_brands) == (Status.HELD, (BRAND,))
        assert again == first
        assert not scene.sagas.started
        assert scene.approve(OTHER_BRAND).status is Status.APPROVED
        assert [kind for kind, _, _ in scene.sagas.started] == ["settlement"]

    def test_is_under_dispute_when_one_of_them_objects(self):
        held = {"status": Status.HELD, "goods": a_kit_claim().goods, "kit_id": a_kit().id}
        gathering = a_gathering(**held, approved_brands=(BRAND,), approve_by=STARTS_AT)

        disputed = gathering.dispute("no", by=OTHER_BRAND, now=replace(gathering).planned_at).state

        assert (disputed.status, disputed.approved_brands) == (Status.DISPUTED, (BRAND,))
        assert a_kit().cartridge_digest == DIGEST
