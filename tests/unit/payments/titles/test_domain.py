"""An organisation says how its invoices are made out."""

from __future__ import annotations

import pytest

from services.payments.titles.domain import TaxNumberUnfit, Title, TitleNotFound
from services.payments.titles.use_cases import SetTitle, set_title, title_of
from tests.builders.payments import BRAND

NUMBER = "91310000MA1FL0AB1X"


class FakeTitles:
    def __init__(self) -> None:
        self.by_id: dict[str, Title] = {}
        self.saved = 0

    def find(self, organization_id: str) -> Title:
        return self.by_id.get(organization_id, Title(organization_id))

    def save(self, title: Title) -> None:
        self.saved += 1
        self.by_id[title.organization_id] = title


def say(titles, title="上海发饰有限公司", tax_number=NUMBER):
    command = SetTitle(organization_id=BRAND, title=title, tax_number=tax_number)
    return set_title(command, titles=titles)


class TestTitle:
    def test_is_what_was_said_last(self):
        titles = FakeTitles()
        say(titles, title="Old name")

        say(titles)

        assert title_of(BRAND, titles=titles).title == "上海发饰有限公司"
        assert title_of(BRAND, titles=titles).tax_number == NUMBER

    def test_said_again_changes_nothing(self):
        titles = FakeTitles()

        say(titles)
        say(titles)

        assert titles.saved == 1

    def test_of_a_person_has_no_tax_number(self):
        titles = FakeTitles()

        say(titles, title="王小红", tax_number="")

        assert title_of(BRAND, titles=titles).tax_number == ""

    @pytest.mark.parametrize(
        "number",
        ["9131", "91310000 MA1FL0AB1X", "91310000ma1fl0ab1x", "9" * 21, "\uff19" * 18],
    )
    def test_with_a_number_that_is_none_is_refused_and_leaves_the_one_before(self, number):
        titles = FakeTitles()
        say(titles)

        with pytest.raises(TaxNumberUnfit):
            say(titles, tax_number=number)

        assert title_of(BRAND, titles=titles).tax_number == NUMBER

    def test_of_an_organisation_that_said_nothing_is_not_there(self):
        with pytest.raises(TitleNotFound):
            title_of(BRAND, titles=FakeTitles())
