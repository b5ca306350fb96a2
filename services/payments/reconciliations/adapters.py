"""The open breaks as a page for people, in both languages."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from chassis.kernel.currencies import to_decimal
from services.payments.reconciliations.domain import BreakKind, Reconciliation

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:1.5rem auto;padding:0 1rem;"
    "color-scheme:light dark}h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.5rem;border-top:1px solid "
    "color-mix(in srgb,currentColor 25%,transparent)}td{overflow-wrap:anywhere}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}small{opacity:.75}"
    # On a phone each break is a block of named lines: seven columns do not fit beside each other.
    "@media(max-width:40rem){thead{display:none}tr,td{display:block}td{border:0;padding:.1rem 0}"
    "tr{border-top:1px solid;padding:.5rem 0}td.n{text-align:left}"
    "td[title]::before{content:attr(title) ' ';opacity:.75}}"
)
_PAGE = Markup(
    "<!doctype html>\n"
    '<html lang="zh"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>对账差异 · Breaks</title><style>{style}</style></head><body><main>"
    '<h1>未了结的对账差异 <span lang="en">Open breaks</span></h1>'
    "<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></main></body></html>\n"
)
_HEAD = Markup('<th scope="col">{chinese}<br><small lang="en">{english}</small></th>')
_ROW = Markup(
    '<tr><td>{chinese}<br><small lang="en">{english}</small></td>'
    '<td title="机构 Provider">{provider}</td><td title="日期 Day">{day}</td>'
    '<td class="n" title="金额 Amount">{amount} {currency}</td>'
    '<td title="对方 Whose">{whose}</td><td class="n" title="天数 Days">{days}</td>'
    '<td title="编号 Id"><small>{id}</small></td></tr>'
)
_NONE = Markup('<tr><td colspan="7">没有差异<br><small lang="en">There are none</small></td></tr>')
_HEADS = (
    ("差异", "Kind"),
    ("机构", "Provider"),
    ("日期", "Day"),
    ("金额", "Amount"),
    ("对方或操作", "Counterparty or operation"),
    ("天数", "Age in days"),
    ("编号", "Identifier"),
)
_KINDS = {
    BreakKind.MISSING_HERE: ("对方有、我方无", "Missing here"),
    BreakKind.MISSING_THERE: ("我方有、对方无", "Missing there"),
    BreakKind.AMOUNT_DIFFERS: ("金额不符", "Amount differs"),
    BreakKind.TWICE: ("重复", "Told twice"),
    BreakKind.AFTER_REFUSAL: ("拒付后又付出", "Paid after refusal"),
}
_DIGEST = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# What the page may do: show its own style, and nothing else.
PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'"
)


def breaks_page(breaks: Sequence[Reconciliation], *, now: datetime) -> str:
    """The whole page; what the bank wrote is shown as text, whatever is in it."""
    heads = [_HEAD.format(chinese=chinese, english=english) for chinese, english in _HEADS]
    rows = Markup().join(_row(each, now) for each in breaks)
    return _PAGE.format(
        style=Markup(_STYLE),  # noqa: S704 - a constant of this file
        heads=Markup().join(heads),
        rows=rows or _NONE,
    )


def _row(each: Reconciliation, now: datetime) -> Markup:
    chinese, english = _KINDS[each.kind] if each.kind else ("", "")
    return _ROW.format(
        chinese=chinese,
        english=english,
        provider=each.provider,
        day=each.day.isoformat(),
        amount=to_decimal(each.amount),
        currency=each.amount.currency,
        whose=each.counterparty or each.operation_id or each.text,
        days=(now - each.found_at).days,
        id=each.id,
    )
