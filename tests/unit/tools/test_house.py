"""The house rules find what they are for."""

from pathlib import Path

import pytest

from tools import house


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(house, "ROOT", tmp_path)
    return tmp_path


def findings(root, name, text):
    (root / name).write_text(text)
    return list(house.findings_in(Path(name)))


class TestFindingsIn:
    def test_name_a_file_that_is_too_long(self, root):
        assert findings(root, "long.py", "pass\n" * 401) == ["long.py: 401 lines, more than 400"]
        assert findings(root, "fits.py", "pass\n" * 400) == []

    def test_let_data_be_long(self, root):
        assert findings(root, "pins.txt", "pin\n" * 1000) == []

    def test_name_the_address_of_a_registry(self, root):
        text = "fine\nsee https://" + "pypi" + ".org/simple\n"

        assert findings(root, "notes.md", text) == [
            "notes.md:2: the address of a package registry"
        ]

    def test_name_a_path_of_one_machine(self, root):
        assert findings(root, "a.md", "cd /work" + "/main\n") == ["a.md:1: a path of one machine"]

    def test_do_not_read_pictures(self, root):
        (root / "picture.png").write_bytes(b"\x89PNG\xff\xfe")

        assert list(house.findings_in(Path("picture.png"))) == []


class TestTooManyEntries:
    def test_counts_what_can_be_seen_at_the_top(self):
        hidden = [Path(f".hidden{number}") for number in range(30)]
        twenty = [Path(f"entry{number}/file") for number in range(20)]

        assert list(house.too_many_entries(hidden + twenty)) == []
        assert len(list(house.too_many_entries([*twenty, Path("one-more")]))) == 1


class TestStrayPins:
    def test_are_shipped_versions_that_were_not_tested(self, root):
        (root / "deploy").mkdir()
        (root / "constraints.txt").write_text("flask==3.1.3 \\\n    --hash=sha256:00\n")
        (root / "deploy" / "runtime.txt").write_text("flask==3.1.4 \\\n    --hash=sha256:00\n")

        assert list(house.stray_pins()) == [
            "deploy/runtime.txt: flask==3.1.4 is not in constraints.txt: run `make pins`"
        ]
