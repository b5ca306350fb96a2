"""What failed for want of time may pass by itself; what is wrong fails again."""

import json

import pytest

from tools import again


@pytest.fixture
def failed(tmp_path, monkeypatch):
    """Note tests as failed: ``failed("assert True", "assert False")``."""
    monkeypatch.setattr(again, "FAILED", tmp_path / "lastfailed")
    monkeypatch.chdir(tmp_path)

    def note(*bodies):
        lines = [f"def test_{number}():\n    {body}\n" for number, body in enumerate(bodies)]
        (tmp_path / "test_them.py").write_text("\n".join(lines))
        names = [f"test_them.py::test_{number}" for number in range(len(bodies))]
        again.FAILED.write_text(json.dumps(dict.fromkeys(names, True)))

    return note


def test_what_passes_by_itself_is_told_as_unsteady(failed, capfd):
    failed("assert True")

    assert again.main() == 0
    assert "unsteady, they pass by themselves:\n  test_them.py::test_0" in capfd.readouterr().out


def test_what_is_wrong_fails_again(failed):
    failed("assert True", "assert False")

    assert again.main() == 1


def test_many_are_not_asked_again(failed):
    failed(*["assert True"] * (again.MOST + 1))

    assert again.main() == 1


def test_a_run_that_broke_off_is_not_excused(failed):
    assert again.main() == 1
