"""What is published never changes, is nobody else's, and passes its royalty on."""

from __future__ import annotations

import pytest

from cartridges.package import Package
from services.catalog.cartridges.domain import (
    Cartridge,
    CartridgeCopied,
    CartridgeNotFound,
    ForkForbidden,
    ForkShareTooLow,
    ManifestInvalid,
    ParentUnknown,
    VersionImmutable,
    cartridge_id,
    check_lineage,
    check_origin,
)
from services.catalog.cartridges.events import VersionPublished, VersionYanked
from services.catalog.cartridges.use_cases import NoAnswer, bare_package, rehearse, whole_package
from tests.unit.catalog.fakes import AUTHOR, NOW, OTHER_AUTHOR, a_manifest

DIGEST = "sha256:" + "0" * 64


def a_package(**changes) -> Package:
    return Package(a_manifest(**changes))


def a_cartridge() -> Cartridge:
    name = a_manifest()["name"]
    return Cartridge(cartridge_id(AUTHOR, name), AUTHOR, name)


def published(**changes) -> Cartridge:
    return a_cartridge().publish(a_package(**changes), at=NOW).state


class TestPublish:
    def test_pins_the_version_and_announces_it(self):
        cartridge, package = a_cartridge(), a_package()

        after, (fact,), _ = cartridge.publish(package, at=NOW)

        assert after.digests == {"1.0.0": package.digest}
        assert after.fresh.package == package
        assert fact == VersionPublished(
            cartridge_id=cartridge.id,
            author_id=AUTHOR,
            name="brush-making-evening",
            version="1.0.0",
            digest=package.digest,
            min_people=8,
            max_people=24,
            occurred_at=NOW,
        )

    def test_changes_nothing_for_the_same_content(self):
        cartridge = published()

        again, facts, _ = cartridge.publish(a_package(), at=NOW)

        assert again == cartridge
        assert facts == ()

    def test_refuses_other_content_under_a_known_version(self):
        cartridge = published()
        pinned = dict(cartridge.digests)

        with pytest.raises(VersionImmutable):
            cartridge.publish(a_package(royalty_basis_points=1), at=NOW)

        assert cartridge.digests == pinned

    def test_takes_further_versions(self):
        after = published().publish(a_package(version="1.1.0"), at=NOW).state

        assert list(after.digests) == ["1.0.0", "1.1.0"]
        assert after.latest == "1.1.0"


class TestYank:
    def test_keeps_the_version_and_says_why(self):
        cartridge = published()

        after, (fact,), _ = cartridge.yank("1.0.0", "a burnt finger", at=NOW)

        assert after.digests == cartridge.digests
        assert after.yanked == {"1.0.0": "a burnt finger"}
        assert fact == VersionYanked(
            cartridge_id=cartridge.id,
            author_id=AUTHOR,
            version="1.0.0",
            digest=cartridge.digests["1.0.0"],
            reason="a burnt finger",
            occurred_at=NOW,
        )

    def test_changes_nothing_the_second_time(self):
        cartridge = published().yank("1.0.0", "a burnt finger", at=NOW).state

        again, facts, _ = cartridge.yank("1.0.0", "another reason", at=NOW)

        assert again == cartridge
        assert facts == ()

    def test_refuses_a_version_that_was_never_published(self):
        with pytest.raises(CartridgeNotFound):
            published().yank("9.0.0", "why not", at=NOW)


class TestOrigin:
    def test_of_the_very_same_cartridge_is_whoever_was_first(self):
        twin = published().fresh

        check_origin(AUTHOR, twin)
        with pytest.raises(CartridgeCopied):
            check_origin(OTHER_AUTHOR, twin)


class TestLineage:
    def a_fork(self, basis_points: int) -> dict:
        return a_manifest(parent={"digest": DIGEST, "basis_points": basis_points})

    def test_is_free_to_have_no_parent(self):
        check_lineage(a_manifest(), None)

    def test_needs_a_parent_that_is_known_here(self):
        with pytest.raises(ParentUnknown):
            check_lineage(self.a_fork(1000), None)

    @pytest.mark.parametrize("terms", [{}, {"forks": {"allowed": False}}])
    def test_needs_the_leave_of_the_parents_author(self, terms):
        with pytest.raises(ForkForbidden):
            check_lineage(self.a_fork(1000), published(**terms).fresh)

    def test_gives_the_parent_what_it_asks_for(self):
        parent = published(forks={"allowed": True, "basis_points": 1500}).fresh

        check_lineage(self.a_fork(1500), parent)
        with pytest.raises(ForkShareTooLow) as refused:
            check_lineage(self.a_fork(1499), parent)

        assert refused.value.members == {"asked": 1500}


class TestPackages:
    def test_are_refused_with_every_problem(self):
        with pytest.raises(ManifestInvalid) as refused:
            bare_package(a_manifest(name="X"))

        errors = refused.value.members["errors"]
        assert {error["path"] for error in errors} == {"/name"}
        assert set(errors[0]) == {"path", "code", "reason", "hint", "chinese"}

    def test_of_a_manifest_alone_are_tidied(self):
        package = bare_package(a_manifest(royalty_basis_points=200.0))

        assert package.digest == a_package().digest

    def test_are_read_whole_or_refused(self):
        package = a_package()

        assert whole_package(package.content()) == package
        with pytest.raises(ManifestInvalid):
            whole_package(package.content()[:-1])


class TestRehearse:
    def test_tells_what_is_needed_for_so_many(self):
        sheet = rehearse(published().fresh, people=12, language="en")

        assert sheet.refusals == []
        assert [row["quantity"] for row in sheet.materials] == [12]

    def test_refuses_when_a_condition_has_no_answer(self):
        rule = {
            "id": "odd",
            "rule": "100 / (people - 25) < 0",
            "otherwise": {"zh": "x", "en": "x"},
        }

        with pytest.raises(NoAnswer):
            rehearse(published(conditions=[rule]).fresh, people=25, language="en")
