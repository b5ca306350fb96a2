"""The terminal's table: the same figures as the page, in a few lines."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from teahouse.demo.report.findings import ROLES, Findings, in_words, yuan

BEST_SHOWN = 5
UNITS = {"_minor": "yuan", "_ms": "ms", "_seconds": "s", "_mib": "MiB"}


def print_table(findings: Findings, console: Console) -> None:
    """Print the figures, then every check that came out wrong."""
    table = Table(title="Teahouse demo", title_justify="left", show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for name, value in findings.single_figures().items():
        table.add_row(name.replace("_", " "), _shown(name, value), _unit(name))
    console.print(table)
    _print_shares(findings, console)
    for told in findings.told:
        mark = "right" if all(check.is_right for check in told.checks) else "WRONG"
        console.print(
            f"{told.what}: {told.people} people, {yuan(told.takings_minor)} yuan, {mark}"
        )
    print_wrong(findings, console)
    if not findings.wrong:
        console.print(f"All {len(findings.all_checks)} checks came out right.", style="green")


def _print_shares(findings: Findings, console: Console) -> None:
    """Print who earned what, what each yuan of subsidy brought, how claims ended."""
    earned = Table(title="Who earned what, yuan", title_justify="left", show_header=False)
    for role, minor in findings.earned_by_role().items():
        earned.add_row(ROLES[role], _right(yuan(minor)))
    brought = Table("brand", "gatherings", "subsidy", "sold", "each yuan brought")
    brought.title, brought.title_justify = "What subsidies brought, yuan", "left"
    for one in [*findings.best_subsidies(BEST_SHOWN), findings.all_subsidies()]:
        amounts = yuan(one.subsidy_minor), yuan(one.takings_minor), f"{one.each_yuan_brought:.2f}"
        brought.add_row(one.brand, *map(_right, (str(one.gatherings), *amounts)))
    ended = Table(title="Claims by outcome", title_justify="left", show_header=False)
    for outcome, count in sorted(findings.claims_by_outcome.items(), key=lambda one: -one[1]):
        ended.add_row(outcome, _right(f"{count:,}"))
    for table in (earned, brought, ended):
        console.print(table)


def _right(text: str) -> Text:
    return Text(text, justify="right")


def print_wrong(findings: Findings, console: Console) -> None:
    """Print every check that came out otherwise."""
    for check in findings.wrong:
        console.print(
            f"WRONG {check.about}: expected {in_words(check.expected)},"
            f" found {in_words(check.actual)}",
            style="bold red",
            highlight=False,
        )


def _shown(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if name.endswith("_minor") and isinstance(value, int):
        return yuan(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _unit(name: str) -> str:
    return next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")
