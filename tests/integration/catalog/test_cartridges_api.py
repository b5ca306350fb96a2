"""Cartridges over HTTP: published, checked, carried, rehearsed, yanked."""

from __future__ import annotations

import json
import uuid

import minisign
import pytest

from cartridges.conformance.cases import all_cases
from cartridges.package import package_of, read_package
from cartridges.signing import public_key, signed
from services.catalog.cartridges.repositories import MongoCartridges
from tests.integration.catalog.conftest import everything, in_parallel, outbox_types
from tests.unit.catalog.fakes import AUTHOR, BRAND, HOST, OTHER_AUTHOR, a_manifest, an_id

PACKAGE_TYPE = "application/vnd.teahouse.cartridge"
NOTES = {"texts/host-notes.md": b"Set the tables first.\n"}


@pytest.fixture
def author(calling):
    return calling(AUTHOR)


@pytest.fixture
def host(calling):
    return calling(HOST)


def sent(caller, content: bytes, **options):
    return caller.post(
        "/v1/cartridges/packages", data=content, content_type=PACKAGE_TYPE, **options
    )


def place(version: dict, what: str = "") -> str:
    path = f"/v1/cartridges/{version['cartridge_id']}/versions/{version['version']}"
    return f"{path}/{what}" if what else path


class TestManifests:
    def test_are_published_read_and_found_by_digest(self, author, host):
        published = author.post("/v1/cartridges", {"manifest": a_manifest()})
        version = published.json

        read = host.get(f"/v1/cartridges/{version['cartridge_id']}").json
        again = host.get(place(version)).json
        pinned = host.get("/v1/cartridges", digest=version["digest"]).json["items"]
        other = host.get("/v1/cartridges", digest="sha256:" + "0" * 64).json["items"]

        assert published.status_code == 201
        assert version["manifest"] == a_manifest()
        assert read["versions"] == [
            {"version": "1.0.0", "digest": version["digest"], "figures": None}
        ]
        assert again | {"warnings": []} == version
        assert [one["id"] for one in pinned] == [version["cartridge_id"]]
        assert other == []

    def test_publish_the_same_only_once(self, author):
        first = author.post("/v1/cartridges", {"manifest": a_manifest()}).json
        again = author.post("/v1/cartridges", {"manifest": a_manifest()})

        assert (again.status_code, again.json) == (201, first)
        assert outbox_types(first["cartridge_id"]) == ["catalog.cartridge.version-published.v1"]

    def test_never_change_a_version(self, author):
        author.post("/v1/cartridges", {"manifest": a_manifest()})
        before = everything()

        answer = author.post("/v1/cartridges", {"manifest": a_manifest(royalty_basis_points=1)})

        assert (answer.status_code, answer.json["code"]) == (409, "version-immutable")
        assert everything() == before

    def test_take_further_versions(self, author):
        first = author.post("/v1/cartridges", {"manifest": a_manifest()}).json
        second = author.post("/v1/cartridges", {"manifest": a_manifest(version="1.1.0")}).json

        assert second["cartridge_id"] == first["cartridge_id"]
        assert second["digest"] != first["digest"]

    def test_tell_everything_that_is_wrong(self, author):
        before = everything()

        answer = author.post("/v1/cartridges", {"manifest": a_manifest(people={"min": 0})})

        assert (answer.status_code, answer.json["code"]) == (422, "manifest-invalid")
        errors = {error["path"]: error for error in answer.json["errors"]}
        assert errors.keys() == {"/people/max", "/people/min"}
        assert errors["/people/max"]["reason"]
        assert errors["/people/max"]["hint"]
        assert errors["/people/max"]["chinese"]
        assert everything() == before

    def test_belong_to_whoever_published_them_first(self, author, calling):
        author.post("/v1/cartridges", {"manifest": a_manifest()})
        before = everything()

        answer = calling(OTHER_AUTHOR).post("/v1/cartridges", {"manifest": a_manifest()})

        assert (answer.status_code, answer.json["code"]) == (409, "cartridge-copied")
        assert everything() == before

    def test_belong_to_one_of_those_who_publish_them_at_once(self, author, calling):
        callers = [author, calling(OTHER_AUTHOR)] * 4

        answers = in_parallel(
            lambda number: callers[number].post("/v1/cartridges", {"manifest": a_manifest()}), 8
        )

        owners = {answer.json["author_id"] for answer in answers if answer.status_code == 201}
        assert len(owners) == 1
        assert {answer.status_code for answer in answers} <= {201, 409}

    @pytest.mark.parametrize("body", [{}, {"manifest": []}, {"manifest": None}, {"x": 1}])
    def test_that_are_none_are_refused(self, author, body):
        assert author.post("/v1/cartridges", body).status_code == 400

    def test_refuse_text_that_cannot_be_written(self, author):
        manifest = a_manifest(title={"zh": "\ud800", "en": "x"})

        answer = author.post("/v1/cartridges", {"manifest": manifest})

        assert answer.status_code in {400, 422}

    def test_are_published_by_authors_only(self, calling):
        answer = calling(HOST).post("/v1/cartridges", {"manifest": a_manifest()})

        assert answer.status_code == 403

    def test_that_never_were_are_unknown(self, author):
        for path in (an_id("crt"), f"{an_id('crt')}/versions/1.0.0"):
            answer = author.get(f"/v1/cartridges/{path}")
            assert (answer.status_code, answer.json["code"]) == (404, "cartridge-not-found")


class TestForks:
    def test_name_a_parent_that_allows_them(self, author, calling):
        parent = author.post(
            "/v1/cartridges",
            {"manifest": a_manifest(forks={"allowed": True, "basis_points": 900})},
        ).json
        wish = {"digest": parent["digest"], "basis_points": 900}

        fork = calling(OTHER_AUTHOR).post("/v1/cartridges", {"manifest": a_manifest(parent=wish)})

        assert fork.status_code == 201
        assert fork.json["manifest"]["parent"] == wish

    def test_are_refused_without_a_word_from_the_parents_author(self, author, calling):
        parent = author.post("/v1/cartridges", {"manifest": a_manifest()}).json
        wish = {"digest": parent["digest"], "basis_points": 10_000}
        before = everything()

        answer = calling(OTHER_AUTHOR).post(
            "/v1/cartridges", {"manifest": a_manifest(parent=wish)}
        )

        assert (answer.status_code, answer.json["code"]) == (422, "fork-forbidden")
        assert everything() == before


class TestPackages:
    def a_signed(self, **changes):
        secret = minisign.KeyPair.generate().secret_key
        author = {"name": "An", "key": public_key(secret).text, "basis_points": 10_000}
        return signed(package_of(a_manifest(authors=[author], **changes), NOTES), secret)

    def test_are_carried_from_one_installation_to_another_byte_by_byte(self, author, host):
        package = self.a_signed()

        version = sent(author, package.content()).json
        carried = host.get(place(version, "package"))

        assert version["digest"] == package.digest
        assert version["signed_by"] == sorted(package.signatures)
        assert carried.data == package.content()
        assert carried.mimetype == PACKAGE_TYPE
        assert "brush-making-evening-1.0.0.cartridge" in carried.headers["Content-Disposition"]
        assert read_package(carried.data) == package

    def test_can_be_had_of_a_manifest_alone(self, author, host):
        version = author.post("/v1/cartridges", {"manifest": a_manifest()}).json

        carried = read_package(host.get(place(version, "package")).data)

        assert carried.manifest == a_manifest()
        assert carried.digest == version["digest"]

    def test_publish_the_same_only_once(self, author):
        package = self.a_signed()
        first = sent(author, package.content()).json

        assert sent(author, package.content()).json == first
        assert outbox_types(first["cartridge_id"]) == ["catalog.cartridge.version-published.v1"]

    @pytest.mark.parametrize(
        "case",
        [case for case in all_cases() if case.problems and case.file_name.endswith("cartridge")],
        ids=lambda case: case.title,
    )
    def test_that_are_hostile_or_broken_are_refused_and_nothing_is_written(self, author, case):
        before = everything()

        answer = sent(author, case.content)

        if len(case.content) > 4 * 1_048_576:
            assert (answer.status_code, answer.json["code"]) == (413, "body-too-large")
        else:
            assert (answer.status_code, answer.json["code"]) == (422, "manifest-invalid")
            assert {(e["path"], e["code"]) for e in answer.json["errors"]} == case.problems
        assert everything() == before

    def test_are_published_by_authors_only(self, calling):
        before = everything()

        assert sent(calling(BRAND), self.a_signed().content()).status_code == 403
        assert everything() == before


class TestChecks:
    def check(self, caller, content: bytes, **query):
        return caller.post(
            "/v1/cartridges/checks",
            data=content,
            content_type="application/octet-stream",
            query_string=query,
        )

    def test_give_the_verdict_that_the_command_line_gives(self, host):
        before = everything()

        for case in all_cases():
            if len(case.content) <= 4 * 1_048_576:
                is_package = case.file_name.endswith("cartridge")
                answer = self.check(host, case.content, package=str(is_package).lower())
                found = {(e["path"], e["code"]) for e in answer.json["problems"]}
                assert (answer.json["digest"], found) == (case.digest, case.problems), case.title

        assert everything() == before

    def test_take_a_manifest_as_an_author_writes_it(self, host):
        answer = self.check(host, b"format: teahouse-cartridge/1\nname: [")

        assert (answer.status_code, answer.json["digest"]) == (200, "")
        assert [problem["code"] for problem in answer.json["problems"]] == ["not-yaml"]

    def test_publish_their_schema_for_editors(self, app):
        answer = app.test_client().get("/v1/cartridges/schema.json")

        assert answer.status_code == 200
        assert answer.json["$schema"] == "https://json-schema.org/draft/2020-12/schema"


class TestRunSheets:
    def test_tell_what_is_needed_for_so_many(self, author, host):
        version = author.post("/v1/cartridges", {"manifest": a_manifest()}).json

        sheet = host.get(place(version, "run-sheet"), people=20, language="en").json

        assert sheet["refusals"] == []
        assert [(step["starts_minute"], step["title"]) for step in sheet["steps"]] == [
            (0, "Tea"),
            (30, "Making"),
        ]
        assert [(row["title"], row["quantity"]) for row in sheet["materials"]] == [("Bamboo", 20)]

    def test_say_why_it_must_not_be_run_so(self, author, host):
        rule = {
            "id": "tools",
            "rule": "'kiln' in equipment",
            "otherwise": {"zh": "需窑", "en": "A kiln"},
        }
        version = author.post("/v1/cartridges", {"manifest": a_manifest(conditions=[rule])}).json
        where = place(version, "run-sheet")

        bare = host.get(where, people=3).json
        equipped = host.get(where, people=12, equipment="tables,kiln").json

        assert bare["refusals"] == ["8-24 人", "需窑"]
        assert equipped["refusals"] == []

    @pytest.mark.parametrize("people", ["0", "5001", "many", ""])
    def test_ask_for_a_number_of_people(self, author, host, people):
        version = author.post("/v1/cartridges", {"manifest": a_manifest()}).json

        assert host.get(place(version, "run-sheet"), people=people).status_code == 400


class TestYanks:
    def test_keep_the_version_to_be_read(self, author, host):
        version = author.post("/v1/cartridges", {"manifest": a_manifest()}).json

        yanked = author.post(place(version, "yanks"), {"reason": "a burnt finger"})
        again = author.post(place(version, "yanks"), {"reason": "another reason"})

        assert (yanked.status_code, again.status_code) == (201, 201)
        assert yanked.json["yanked_because"] == again.json["yanked_because"] == "a burnt finger"
        assert host.get(place(version)).json["manifest"] == version["manifest"]
        assert host.get(place(version, "package")).status_code == 200
        (listed,) = host.get(f"/v1/cartridges/{version['cartridge_id']}").json["versions"]
        assert listed["yanked_because"] == "a burnt finger"
        assert outbox_types(version["cartridge_id"]) == [
            "catalog.cartridge.version-published.v1",
            "catalog.cartridge.version-yanked.v1",
        ]

    def test_are_found_by_digest_among_others(self, author):
        first, second = (
            author.post("/v1/cartridges", {"manifest": a_manifest(version=version)}).json
            for version in ("1.0.0", "1.1.0")
        )
        author.post(place(first, "yanks"), {"reason": "a burnt finger"})
        asked = {first["digest"], second["digest"], "sha256:" + "0" * 64}

        assert MongoCartridges().yanked_among(asked) == {first["digest"]}
        assert MongoCartridges().yanked_among({second["digest"]}) == set()

    def test_are_the_authors_alone(self, author, calling):
        version = author.post("/v1/cartridges", {"manifest": a_manifest()}).json
        before = everything()

        answer = calling(OTHER_AUTHOR).post(place(version, "yanks"), {"reason": "envy"})

        assert (answer.status_code, answer.json["code"]) == (404, "cartridge-not-found")
        assert everything() == before


def test_a_body_that_is_json_and_no_package_is_refused(calling):
    before = everything()

    answer = sent(calling(AUTHOR), json.dumps(a_manifest()).encode(), key=uuid.uuid4().hex)

    assert (answer.status_code, answer.json["code"]) == (422, "manifest-invalid")
    assert everything() == before
