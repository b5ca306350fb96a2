"""``teahouse cartridge``: from the first line to the signed package."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cartridges.conformance.cases import all_cases
from cartridges.package import read_package
from cartridges.signing import AuthorKey
from teahouse.cartridge.cli import app
from teahouse.speech import Exit


@pytest.fixture(autouse=True)
def desk(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.stdout


def answer(*words: object) -> tuple[int, dict]:
    code, printed = run(*words, "--json")
    return code, json.loads(printed)


@pytest.fixture
def tea(desk) -> Path:
    assert run("new", "tea-for-two")[0] == Exit.OK
    return desk / "tea-for-two"


class TestNew:
    def test_starts_with_what_passes_every_check(self, tea):
        code, verdict = answer("lint", tea)

        assert (code, verdict["problems"]) == (Exit.OK, [])
        assert run("test", tea)[0] == Exit.OK
        assert "\nname: tea-for-two #" in (tea / "cartridge.yaml").read_text(encoding="utf-8")
        assert (tea / "cartridge.schema.json").is_file()

    def test_may_start_from_a_sample(self, desk):
        assert run("new", "my-rice", "--sample", "rice-tasting")[0] == Exit.OK

        assert answer("lint", "my-rice")[0] == Exit.OK
        assert run("test", "my-rice")[0] == Exit.OK

    def test_writes_over_nothing(self, tea):
        before = (tea / "cartridge.yaml").read_bytes()

        assert run("new", "tea-for-two")[0] == 2
        assert run("new", "other", "--sample", "nothing")[0] == 2

        assert (tea / "cartridge.yaml").read_bytes() == before
        assert not Path("other").exists()


class TestLint:
    def test_names_the_line(self, tea):
        path = tea / "cartridge.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("max: 20", "max: 2"), "utf-8")

        code, verdict = answer("lint", tea)

        (problem,) = verdict["problems"]
        line = path.read_text(encoding="utf-8").splitlines()[problem["line"] - 1]
        assert (code, problem["code"], verdict["digest"]) == (Exit.WRONG, "people-range", "")
        assert line.startswith("people:")

    def test_looks_at_the_files_too(self, tea):
        (tea / "pictures").mkdir()
        (tea / "pictures" / "page.png").write_text("<html>", "utf-8")

        code, verdict = answer("lint", tea)

        assert (code, [each["code"] for each in verdict["problems"]]) == (1, ["picture-refused"])

    def test_speaks_as_the_conformance_suite_wants_it(self, desk):
        for case in all_cases()[:3] + all_cases()[-3:]:
            (desk / case.file_name).write_bytes(case.content)
            code, verdict = answer("lint", case.file_name)
            found = {(each["path"], each["code"]) for each in verdict["problems"]}
            assert (verdict["digest"], found) == (case.digest, case.problems)
            assert code == (Exit.OK if case.digest else Exit.WRONG)

    def test_of_nothing_is_wrong_usage(self, desk, tea):
        assert run("lint", desk)[0] == 2
        assert run("pack", desk)[0] == 2
        assert run("lint", tea / "rehearsals.yaml")[0] == 2


class TestPack:
    def test_gives_the_same_bytes_every_time(self, tea):
        _, first = answer("pack", tea, "--out", "a.cartridge")
        _, second = answer("pack", tea, "--out", "b.cartridge")

        assert first["digest"] == second["digest"] == answer("lint", tea)[1]["digest"]
        assert Path("a.cartridge").read_bytes() == Path("b.cartridge").read_bytes()

    def test_names_the_file_by_name_and_version(self, tea):
        assert answer("pack", tea)[1]["file"] == "tea-for-two-0.1.0.cartridge"

    def test_keeps_what_was_signed(self, tea):
        key = answer("key", "a.key", "--no-password")[1]["key"]
        path = tea / "cartridge.yaml"
        author = json.dumps([{"name": "An", "key": key, "basis_points": 10_000}])
        path.write_text(f"{path.read_text('utf-8')}\nauthors: {author}\n", "utf-8")
        package = Path(answer("pack", tea)[1]["file"])
        answer("sign", package, "--key", "a.key")
        before = package.read_bytes()

        assert answer("pack", tea)[1]["signatures"] == [AuthorKey(key).id]
        path.write_text(path.read_text("utf-8").replace("max: 20", "max: 19"), "utf-8")
        assert run("pack", tea)[0] == 2
        assert package.read_bytes() == before

    def test_writes_nothing_when_it_is_wrong(self, tea):
        (tea / "cartridge.yaml").write_text("name: x", "utf-8")

        code, verdict = answer("pack", tea)

        assert code == Exit.WRONG
        assert verdict["problems"]
        assert list(tea.parent.glob("*.cartridge")) == []


class TestSigning:
    def a_package_by(self, tea: Path, *keys: str) -> Path:
        path = tea / "cartridge.yaml"
        authors = [{"name": "An", "key": key, "basis_points": 10_000 // len(keys)} for key in keys]
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text}\nauthors: {json.dumps(authors)}\n", "utf-8")
        return Path(answer("pack", tea)[1]["file"])

    def test_takes_every_author(self, tea):
        keys = [answer("key", f"{name}.key", "--no-password")[1]["key"] for name in "ab"]
        package = self.a_package_by(tea, *keys)

        assert answer("verify", package)[0] == Exit.WRONG
        assert answer("sign", package, "--key", "a.key")[0] == Exit.OK
        assert answer("verify", package)[0] == Exit.WRONG
        assert answer("sign", package, "--key", "b.key")[0] == Exit.OK
        assert answer("verify", package)[0] == Exit.OK
        assert set(read_package(package.read_bytes()).signatures) == {
            AuthorKey(key).id for key in keys
        }

    def test_needs_the_password_of_the_key(self, tea):
        key = answer("key", "a.key", "--password", "long enough")[1]["key"]
        package = self.a_package_by(tea, key)
        before = package.read_bytes()

        assert run("sign", package, "--key", "a.key", "--password", "wrong")[0] == 2
        assert run("sign", package, "--key", "a.key")[0] == 2
        assert package.read_bytes() == before
        assert run("sign", package, "--key", "a.key", "--password", "long enough")[0] == Exit.OK

    def test_is_not_for_strangers(self, tea):
        key = answer("key", "a.key", "--no-password")[1]["key"]
        answer("key", "b.key", "--no-password")
        package = self.a_package_by(tea, key)
        before = package.read_bytes()

        code, verdict = answer("sign", package, "--key", "b.key")

        assert (code, verdict["problems"][0]["code"]) == (Exit.WRONG, "signature-unknown")
        assert package.read_bytes() == before

    def test_never_writes_over_a_key(self, desk):
        assert run("key", "a.key", "--no-password")[0] == Exit.OK
        before = (desk / "a.key").read_bytes()

        assert run("key", "a.key", "--no-password")[0] == 2
        assert (desk / "a.key").read_bytes() == before


class TestRunDry:
    def test_tells_what_is_needed(self, tea):
        code, sheet = answer("run-dry", tea, "--people", 12, "--fact", "hour=19")

        assert code == Exit.OK
        assert [(row["title"], row["quantity"]) for row in sheet["materials"]] == [("Cups", 12)]

    def test_ends_with_one_when_it_must_not_be_run_so(self, tea):
        code, sheet = answer("run-dry", tea, "--people", 12, "--fact", "hour=9")

        assert (code, sheet["refusals"]) == (Exit.WRONG, ["Hold it in the evening."])

    def test_takes_lists_as_words(self, tea):
        path = tea / "cartridge.yaml"
        rule = "'food-hygiene' in certificates"
        path.write_text(path.read_text("utf-8").replace("hour >= 17", f'"{rule}"'), "utf-8")

        for given in ("food-hygiene", "first-aid,food-hygiene", "[food-hygiene]"):
            fact = f"certificates={given}"
            assert run("run-dry", tea, "--people", 12, "--fact", fact)[0] == Exit.OK
        assert run("run-dry", tea, "--people", 12)[0] == Exit.WRONG

    def test_works_on_a_package_too(self, tea):
        package = answer("pack", tea)[1]["file"]

        assert answer("run-dry", package, "--people", 12)[0] == Exit.OK

    @pytest.mark.parametrize(
        "fact", ["weather=fine", "hour=late", "people=3", "hour=25", "indoor=5"]
    )
    def test_knows_its_facts(self, tea, fact):
        assert run("run-dry", tea, "--people", 12, "--fact", fact)[0] == 2


class TestTest:
    def test_names_what_is_wrong_with_the_cartridge(self, tea):
        path = tea / "cartridge.yaml"
        path.write_text(path.read_text("utf-8").replace("max: 20", "max: 2"), "utf-8")

        for command in (("test", tea), ("run-dry", tea, "--people", 12)):
            code, verdict = answer(*command)
            assert (code, verdict["problems"][0]["code"]) == (Exit.WRONG, "people-range")

    def test_ends_with_one_when_a_rehearsal_goes_otherwise(self, tea):
        path = tea / "rehearsals.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("Cups: 20", "Cups: 21"), "utf-8")

        code, found = answer("test", tea)

        assert (code, found["failed"]) == (Exit.WRONG, 1)


class TestPublish:
    def test_says_when_nothing_runs(self, tea):
        package = answer("pack", tea)[1]["file"]

        code, found = answer("publish", package, "--email", "a@b.c", "--password", "x" * 12)

        assert (code, found["error"]["code"]) == (Exit.NOT_RUNNING, "not-running")
