"""What is published never changes, is nobody else's, and passes its royalty on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cartridges.package import Package
from services.catalog.cartridges.domain import (
    MOST_PAYEES,
    AuthorKeyUnknown,
    Cartridge,
    CartridgeCopied,
    CartridgeNotFound,
    ForkForbidden,
    ForkShareTooLow,
    ManifestInvalid,
    ParentUnknown,
    TooManyPayees,
    VersionImmutable,
    cartridge_id,
    check_lineage,
    check_origin,
    royalties_of,
)
from services.catalog.cartridges.events import VersionPublished, VersionYanked
from services.catalog.cartridges.use_cases import NoAnswer, bare_package, rehearse, whole_package
from tests.unit.catalog.fakes import AUTHOR, NOW, OTHER_AUTHOR, a_manifest, an_id

DIGEST = "sha256:" + "0" * 64
MINE = {AUTHOR: 10_000}
GRANDPARENT = an_id("org")


def a_package(**changes) -> Package:
    return Package(a_manifest(**changes))


def a_cartridge() -> Cartridge:
    name = a_manifest()["name"]
    return Cartridge(cartridge_id(AUTHOR, name), AUTHOR, name)


def published(**changes) -> Cartridge:
    return a_cartridge().publish(a_package(**changes), MINE, at=NOW).state


class TestPublish:
    def test_pins_the_version_and_announces_it(self):
        cartridge, package = a_cartridge(), a_package()

        after, (fact,), _ = cartridge.publish(package, MINE, at=NOW)

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
            royalties=MINE,
            manifest=package.manifest,
            occurred_at=NOW,
        )

    def test_changes_nothing_for_the_same_content(self):
        cartridge = published()

        again, facts, _ = cartridge.publish(a_package(), MINE, at=NOW)

        assert again == cartridge
        assert facts == ()

    def test_refuses_other_content_under_a_known_version(self):
        cartridge = published()
        pinned = dict(cartridge.digests)

        with pytest.raises(VersionImmutable):
            cartridge.publish(a_package(royalty_basis_points=1), MINE, at=NOW)

        assert cartridge.digests == pinned

    def test_takes_further_versions(self):
        after = published().publish(a_package(version="1.1.0"), MINE, at=NOW).state

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


class TestRoyalties:
    def by(self, *authors) -> dict:
        names = ("name", "key", "basis_points")
        return {"authors": [dict(zip(names, author, strict=True)) for author in authors]}

    def divided(self, manifest, *, owners=None, parent=None) -> dict:
        return royalties_of(manifest, AUTHOR, owners=owners or {}, parent=parent)

    def test_are_the_publishers_where_nobody_else_is_named(self):
        assert self.divided(a_manifest()) == {AUTHOR: 10_000}
        assert self.divided(a_manifest(**self.by(("An", "RW1", 10_000)))) == {AUTHOR: 10_000}

    def test_are_divided_as_the_authors_have_signed(self):
        manifest = a_manifest(**self.by(("An", "RW1", 7_000), ("Bo", "RW2", 3_000)))

        found = self.divided(manifest, owners={"RW1": AUTHOR, "RW2": OTHER_AUTHOR})

        assert found == {AUTHOR: 7_000, OTHER_AUTHOR: 3_000}

    def test_of_one_organisation_are_added_up(self):
        manifest = a_manifest(**self.by(("An", "RW1", 7_000), ("Bo", "RW2", 3_000)))

        assert self.divided(manifest, owners={"RW1": AUTHOR, "RW2": AUTHOR}) == {AUTHOR: 10_000}

    def test_wait_for_every_co_author_to_be_known(self):
        manifest = a_manifest(**self.by(("An", "RW1", 7_000), ("Bo", "RW2", 3_000)))

        with pytest.raises(AuthorKeyUnknown):
            self.divided(manifest, owners={"RW1": AUTHOR})

    def test_flow_up_the_line(self):
        grandparent = replace(published().fresh, royalties={GRANDPARENT: 10_000})
        wish = {"digest": DIGEST, "basis_points": 2_000}
        middle = royalties_of(a_manifest(parent=wish), OTHER_AUTHOR, owners={}, parent=grandparent)
        parent = replace(published().fresh, royalties=middle)

        found = self.divided(a_manifest(parent=wish), parent=parent)

        assert middle == {OTHER_AUTHOR: 8_000, GRANDPARENT: 2_000}
        assert found == {AUTHOR: 8_000, OTHER_AUTHOR: 1_600, GRANDPARENT: 400}

    def test_are_of_no_more_authors_than_can_be_paid_together(self):
        others = [an_id("org") for _ in range(MOST_PAYEES)]
        even = dict.fromkeys(others, 10_000 // MOST_PAYEES)
        parent = replace(published().fresh, royalties=even)

        fork = a_manifest(parent={"digest": DIGEST, "basis_points": 5_000})
        with pytest.raises(TooManyPayees) as refused:
            self.divided(fork, parent=parent)
        same = self.divided(
            a_manifest(parent={"digest": DIGEST, "basis_points": 10_000}), parent=parent
        )

        assert refused.value.members == {"most": MOST_PAYEES}
        assert same == even

    def test_always_add_up(self):
        manifest = a_manifest(
            parent={"digest": DIGEST, "basis_points": 3_333},
            **self.by(("An", "RW1", 3_334), ("Bo", "RW2", 3_333), ("Cy", "RW3", 3_333)),
        )
        parent = replace(published().fresh, royalties={AUTHOR: 1, GRANDPARENT: 9_999})
        owners = {f"RW{number}": an_id("org") for number in (1, 2, 3)}

        found = self.divided(manifest, owners=owners, parent=parent)

        assert sum(found.values()) == 10_000
        assert min(found.values()) > 0


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
