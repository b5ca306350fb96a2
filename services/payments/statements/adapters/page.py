"""A statement as a page for a phone."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from services.payments.statements.domain import Axis, Line, Statement
from services.payments.statements.engine.amounts import grouped
from services.payments.statements.engine.words import Why

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:1.5rem auto;padding:0 1rem;"
    "color-scheme:light dark}h1{font-size:1.4rem;margin:0}dl{display:grid;"
    "grid-template-columns:1fr auto;gap:.2rem 1rem}dd{margin:0;text-align:right;"
    "font-variant-numeric:tabular-nums}ol{list-style:none;padding:0}"
    "li{display:grid;grid-template-columns:1fr auto;gap:0 1rem;padding:.7rem 0;"
    "border-top:1px solid color-mix(in srgb,currentColor 25%,transparent)}"
    "li p{margin:0}b{font-variant-numeric:tabular-nums;text-align:right}"
    "small{opacity:.75;overflow-wrap:anywhere}li small{grid-column:1/-1}"
)
_PAGE = Markup(
    "<!doctype html>\n"
    '<html lang="zh"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>对账单 · Statement</title><style>{style}</style></head><body><main>"
    '<h1>对账单 <span lang="en">Statement</span></h1>'
    "<p><small>{account}<br>{start} – {end} · {currency}{axis}</small></p>"
    "{notice}"
    '<dl><dt>期初 <span lang="en">Opening</span></dt><dd>{opening}</dd>'
    '<dt>收入 <span lang="en">In</span></dt><dd>{money_in}</dd>'
    '<dt>支出 <span lang="en">Out</span></dt><dd>{money_out}</dd>'
    '<dt>期末 <span lang="en">Closing</span></dt><dd>{closing}</dd></dl>'
    "<ol>{lines}</ol></main></body></html>\n"
)
_NOTICE = Markup(
    '<p role="status"><strong>{chinese}</strong><br><span lang="en">{english}</span></p>'
)
_LINE = Markup(
    '<li><p>{chinese}<br><span lang="en">{english}</span></p><b>{amount}</b>'
    "<small>{at} · {balance} · {entry}</small></li>"
)
_BY_EFFECT = Markup('<br>按生效时间 <span lang="en">By the time of effect</span>')
_EMPTY = Markup('<li><p>本期没有变动<br><span lang="en">Nothing moved</span></p></li>')
_DIGEST = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# What the page may do: show its own style, and nothing else.
PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'"
)


def page(statement: Statement, zone: ZoneInfo, *, notice: Why | None = None) -> str:
    """The whole page, a notice before all figures; times are by the clock of ``zone``."""
    currency = statement.currency
    lines = Markup().join(_line(line, currency, zone) for line in statement.lines)
    return _PAGE.format(
        style=Markup(_STYLE),  # noqa: S704 - a constant of this file
        account=statement.account,
        currency=currency,
        axis=_BY_EFFECT if statement.axis is Axis.EFFECTIVE else "",
        start=f"{statement.start.astimezone(zone):%Y-%m-%d %H:%M}",
        end=f"{statement.end.astimezone(zone):%Y-%m-%d %H:%M}",
        opening=grouped(statement.opening, currency),
        money_in=grouped(statement.money_in, currency),
        money_out=grouped(statement.money_out, currency),
        closing=grouped(statement.closing, currency),
        lines=lines or _EMPTY,
        notice=_NOTICE.format(chinese=notice.zh, english=notice.en) if notice else "",
    )


def _line(line: Line, currency: str, zone: ZoneInfo) -> Markup:
    return _LINE.format(
        chinese=line.why.zh,
        english=line.why.en,
        amount=grouped(line.minor, currency),
        at=f"{line.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        balance=f"余额 balance {grouped(line.balance, currency)}",
        entry=line.entry_id,
    )
