"""What a manifest must be, and that what is published never changes."""

from __future__ import annotations

import copy
import json

import pytest

from services.catalog.cartridges.domain import (
    Cartridge,
    ManifestInvalid,
    VersionImmutable,
    cartridge_id,
    checked,
)
from services.catalog.cartridges.engine.check import problems_of
from services.catalog.cartridges.engine.digest import canonical, digest_of
from services.catalog.cartridges.events import VersionPublished
from tests.unit.catalog.fakes import AUTHOR, NOW, a_manifest


def without(name) -> dict:
    manifest = a_manifest()
    del manifest[name]
    return manifest


def with_step(**changes) -> dict:
    manifest = a_manifest()
    manifest["programme"][1] |= changes
    return manifest


def found(manifest) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in problems_of(manifest)]


class TestProblems:
    def test_a_good_manifest_has_none(self):
        assert problems_of(a_manifest()) == []

    def test_the_least_manifest_has_none(self):
        least = a_manifest()
        for name in ("roles", "materials", "venue", "checklist", "evidence"):
            del least[name]
        del least["programme"][1]

        assert problems_of(least) == []

    @pytest.mark.parametrize(
        ("manifest", "path", "code"),
        [
            (without("people"), "", "required"),
            (a_manifest(colour="red"), "", "additionalProperties"),
            (a_manifest(format="teahouse-cartridge/2"), "/format", "const"),
            (a_manifest(name="Brush Making"), "/name", "pattern"),
            (a_manifest(name="x"), "/name", "minLength"),
            (a_manifest(version="1.0"), "/version", "pattern"),
            (a_manifest(version="01.0.0"), "/version", "pattern"),
            (a_manifest(languages=[]), "/languages", "minItems"),
            (a_manifest(languages=["fr"]), "/languages/0", "enum"),
            (a_manifest(languages=["zh", "zh"]), "/languages", "uniqueItems"),
            (a_manifest(title={"zh": ""}), "/title/zh", "minLength"),
            (a_manifest(title="Tea"), "/title", "type"),
            (a_manifest(people={"min": 0, "max": 9}), "/people/min", "minimum"),
            (a_manifest(people={"min": 1.5, "max": 9}), "/people/min", "type"),
            (a_manifest(people={"min": 9, "max": 8}), "/people", "people-range"),
            (a_manifest(programme=[]), "/programme", "minItems"),
            (with_step(minutes=0), "/programme/1/minutes", "minimum"),
            (with_step(starts_minute=29), "/programme/1/starts_minute", "programme-overlaps"),
            (with_step(role="guest"), "/programme/1/role", "role-unknown"),
            (with_step(title={"zh": "制笔"}), "/programme/1/title/en", "translation-missing"),
            (a_manifest(roles=a_manifest()["roles"] * 2), "/roles/1/id", "role-twice"),
            (a_manifest(royalty_basis_points=3001), "/royalty_basis_points", "maximum"),
            (a_manifest(royalty_basis_points=-1), "/royalty_basis_points", "minimum"),
            (a_manifest(royalty_basis_points=True), "/royalty_basis_points", "type"),
        ],
    )
    def test_names_the_place_and_the_rule(self, manifest, path, code):
        assert found(manifest) == [(path, code)]

    @pytest.mark.parametrize("manifest", [None, [], "tea", 7, {}])
    def test_refuses_what_is_no_manifest_at_all(self, manifest):
        assert found(manifest)

    def test_lists_everything_at_once(self):
        manifest = a_manifest(name="X", version="one", people={"min": 0})

        assert [path for path, _ in found(manifest)] == [
            "/name",
            "/name",
            "/people",
            "/people/min",
            "/version",
        ]

    def test_says_why_and_what_to_do_in_both_languages(self):
        (problem,) = problems_of(a_manifest(languages=["fr"]))

        assert problem.reason == '"fr" does not satisfy enum ["zh", "en"]'
        assert problem.hint
        assert problem.chinese

    def test_escapes_paths_as_json_pointers(self):
        manifest = a_manifest()
        manifest["title"] = {"zh": "x", "en": "y", "a/b~c": "z"}

        assert found(manifest) == [("/title", "additionalProperties")]

    def test_stops_after_a_hundred(self):
        manifest = a_manifest(programme=[{} for _ in range(50)], materials=[{}] * 100)

        assert len(problems_of(manifest)) == 100


class TestDigest:
    def test_does_not_depend_on_order_or_blanks(self):
        shuffled = dict(reversed(a_manifest().items()))
        reread = json.loads(json.dumps(shuffled, indent=4))

        assert digest_of(reread) == digest_of(a_manifest())

    def test_takes_whole_numbers_as_equal_however_written(self):
        assert digest_of(a_manifest(royalty_basis_points=200.0)) == digest_of(a_manifest())

    def test_changes_with_the_smallest_change(self):
        assert digest_of(a_manifest(royalty_basis_points=201)) != digest_of(a_manifest())

    def test_is_the_sha256_of_the_canonical_text(self):
        assert canonical({"b": 1, "a": "茶"}) == '{"a":"茶","b":1}'.encode()
        assert digest_of({}) == (
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        )


class TestPublish:
    def cartridge(self) -> Cartridge:
        name = a_manifest()["name"]
        return Cartridge(cartridge_id(AUTHOR, name), AUTHOR, name)

    def test_pins_the_version_and_announces_it(self):
        cartridge = self.cartridge()
        digest = digest_of(a_manifest())

        after, (fact,), _ = cartridge.publish(a_manifest(), at=NOW)

        assert after.digests == {"1.0.0": digest}
        assert after.fresh.digest == digest
        assert fact == VersionPublished(
            cartridge_id=cartridge.id,
            author_id=AUTHOR,
            name="brush-making-evening",
            version="1.0.0",
            digest=digest,
            min_people=8,
            max_people=24,
            occurred_at=NOW,
        )

    def test_changes_nothing_for_the_same_content(self):
        cartridge = self.cartridge().publish(a_manifest(), at=NOW).state

        again, facts, _ = cartridge.publish(copy.deepcopy(a_manifest()), at=NOW)

        assert again == cartridge
        assert facts == ()

    def test_refuses_other_content_under_a_known_version(self):
        cartridge = self.cartridge().publish(a_manifest(), at=NOW).state
        pinned = dict(cartridge.digests)

        with pytest.raises(VersionImmutable):
            cartridge.publish(a_manifest(royalty_basis_points=1), at=NOW)

        assert cartridge.digests == pinned

    def test_takes_further_versions(self):
        cartridge = self.cartridge().publish(a_manifest(), at=NOW).state

        after = cartridge.publish(a_manifest(version="1.1.0"), at=NOW).state

        assert list(after.digests) == ["1.0.0", "1.1.0"]
        assert after.latest == "1.1.0"


class TestChecked:
    def test_refuses_with_every_problem(self):
        with pytest.raises(ManifestInvalid) as refused:
            checked(a_manifest(name="X"))

        errors = refused.value.members["errors"]
        assert {error["path"] for error in errors} == {"/name"}
        assert set(errors[0]) == {"path", "code", "reason", "hint", "chinese"}

    def test_tidies_whole_numbers(self):
        assert checked(a_manifest(royalty_basis_points=200.0))["royalty_basis_points"] == 200
