"""A similarity report as a page, in English and Chinese."""

from __future__ import annotations

from flask import Response
from markupsafe import Markup

from chassis.web.sheets import percent, sheet, table, words
from services.catalog.similarity.domain import SUSPICIOUS, Report, Twin


def page(report: Report) -> Response:
    """The report for people: which versions, how much, and which passages."""
    count, told = len(report.twins), percent(SUSPICIOUS)
    opening = words(
        f"Found in {count} cartridges of other authors. From {told} of a text on, its author is "
        "told; nothing is refused for it. Declared lineage is left out.",
        f"在其他作者的 {count} 个卡带中发现相同文字。达到 {told} 时提示作者，但不因此拒绝发布；"
        "已声明的来源不计在内。",
    )
    sections = [section(twin) for twin in report.twins]
    return sheet(f"Similarity report · 相似度报告 · {report.digest}", [opening, *sections])


def section(twin: Twin) -> Markup:
    """One version that is alike: figures and passages."""
    alike = twin.likeness
    title = f"{twin.name} {twin.version} · {twin.cartridge_id} · {twin.published_at:%Y-%m-%d}"
    figures = [
        ("Of this text, found there · 本文见于对方", percent(alike.text_taken)),
        ("Of that text, found here · 对方文字见于本文", percent(alike.text_given)),
        ("Text in common · 文字重合度", percent(alike.text_alike)),
        ("Structure in common · 结构重合度", percent(alike.structure_alike)),
    ]
    passages = [(each.path, each.other_path, percent(each.alike)) for each in alike.passages]
    columns = ("Here · 本文", "There · 对方", "Alike · 相似度")
    return table(title, (), figures) + table("Passages · 段落", columns, passages)
