"""The terminal's table: the same figures as the page, in a few lines."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from teahouse.demo.report.findings import Findings, in_words, yuan

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
    for told in findings.told:
        mark = "right" if all(check.is_right for check in told.checks) else "WRONG"
        console.print(
            f"{told.what}: {told.people} people, {yuan(told.takings_minor)} yuan, {mark}"
        )
    print_wrong(findings, console)
    if not findings.wrong:
        console.print(f"All {len(findings.all_checks)} checks came out right.", style="green")


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
