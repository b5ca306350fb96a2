"""Pages for people: tables that a phone can show, and no word of others that is code."""

from __future__ import annotations

from chassis.web.sheets import table


def test_a_table_wider_than_a_phone_moves_sideways_by_itself():
    found = table("Brands", ("Parties", "Shown"), [("304", "75")])

    assert found.startswith('<h2>Brands</h2><div class="wide"><table>')
    assert found.endswith("</table></div>")


def test_what_others_wrote_is_told_as_text():
    assert "&lt;script&gt;" in table("", (), [("<script>",)])
