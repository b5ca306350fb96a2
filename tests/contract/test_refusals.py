"""Every refusal tells a client what it may do, in both languages."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import chassis
import services
from chassis.kernel.errors import DomainError

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def refusals(kind: type[DomainError] = DomainError) -> list[type[DomainError]]:
    """Every error class there is below this one."""
    return [found for heir in kind.__subclasses__() for found in (heir, *refusals(heir))]


@pytest.fixture(scope="module", autouse=True)
def everything_is_loaded():
    for package in (chassis, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


class TestEveryRefusal:
    def test_has_a_code_in_lower_case(self):
        for error in refusals():
            assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", error.code), error

    def test_says_what_to_do_in_english_and_chinese(self):
        for error in refusals():
            assert error.hint.endswith("."), error
            assert CHINESE.search(error.chinese), error

    def test_of_a_service_has_words_of_its_own(self):
        silent = [
            error.__name__
            for error in refusals()
            if error.__module__.startswith("services.")
            and not {"hint", "chinese"} <= vars(error).keys()
        ]

        assert silent == []
