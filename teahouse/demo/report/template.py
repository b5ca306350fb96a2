"""The page of the report: one file, no network, readable on a phone and in the dark."""

from __future__ import annotations

STYLE = """
:root { --paper:#fffdf8; --ink:#22201c; --soft:#6d675e; --line:#e4ddd0; --main:#2f6f5e;
  --warm:#c0662b; --cool:#44639c; --bad:#b3261e; --track:#f0eadf }
@media (prefers-color-scheme: dark) { :root { --paper:#171614; --ink:#ece7dd; --soft:#a39c90;
  --line:#37332d; --main:#6fbfa6; --warm:#e29a63; --cool:#8fabdf; --bad:#ff8a80;
  --track:#26231f } }
* { box-sizing:border-box }
body { margin:0 auto; max-width:46rem; padding:1.2rem; background:var(--paper); color:var(--ink);
  font:1rem/1.55 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif }
h1 { font-size:1.6rem; line-height:1.25; margin:.4rem 0 }
h2 { font-size:1.2rem; margin:2.4rem 0 .4rem }
h1 small, h2 small { color:var(--soft); font-weight:400; font-size:.85em; white-space:nowrap }
p { margin:.4rem 0 } .soft { color:var(--soft); font-size:.9rem }
.tiles { display:grid; gap:.6rem; margin:1rem 0;
  grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr)) }
.tiles div { border:1px solid var(--line); border-radius:.6rem; padding:.6rem .7rem }
.tiles b { display:block; font-size:1.25rem; font-variant-numeric:tabular-nums }
.tiles span { color:var(--soft); font-size:.8rem; line-height:1.3; display:block }
svg { display:block; width:100%; max-width:30rem; height:auto; margin:.6rem 0; font-size:12px }
svg text { fill:var(--ink) } svg .figure { text-anchor:end; font-variant-numeric:tabular-nums }
svg .track { fill:var(--track) } svg .main { fill:var(--main) } svg .warm { fill:var(--warm) }
svg .cool { fill:var(--cool) } svg .bad { fill:var(--bad) }
svg .axis { stroke:var(--line) } svg .mark { stroke:var(--warm); stroke-dasharray:3 3 }
.wide { overflow-x:auto }
table { border-collapse:collapse; width:100%; font-size:.92rem; margin:.5rem 0 }
th,td { text-align:left; padding:.35rem .6rem .35rem 0; vertical-align:top;
  border-bottom:1px solid var(--line) }
th { color:var(--soft); font-weight:500 }
.num { text-align:right; font-variant-numeric:tabular-nums }
.good { color:var(--main) } .wrong { color:var(--bad); font-weight:600 }
details summary { cursor:pointer; color:var(--soft) }
footer { margin:3rem 0 1rem; color:var(--soft); font-size:.85rem }
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Teahouse: what the demo did</title>
<style>{{ style }}</style>
</head>
<body>
{%- macro heading(english, chinese) %}
<h2>{{ english }} <small lang="zh">{{ chinese }}</small></h2>
{%- endmacro %}
{%- macro verdict(is_right) -%}
<td class="{{ 'good' if is_right else 'wrong' }}">{{ 'right 对' if is_right else 'WRONG 错' }}</td>
{%- endmacro %}
<h1>What the demo did <small lang="zh">演示报告</small></h1>
<p>{{ verdict_text }}</p>
<div class="tiles">
{%- for value, english, chinese in tiles %}
<div><b>{{ value }}</b><span>{{ english }}<br><span lang="zh">{{ chinese }}</span></span></div>
{%- endfor %}
</div>

{{- heading("Who earned what", "谁赚了多少") }}
<p class="soft">Shares, subsidies and naming fees as settled, in yuan, by role. What guests brought
back later is not taken off; the books below know of it.</p>
{{ charts.roles }}
<details><summary>The largest earners 收入最高的各方</summary>
{{ charts.earners }}</details>

{{- heading("What each yuan of subsidy brought", "每一元补贴带来的销售") }}
<p class="soft">Sales at settled gatherings for one yuan of subsidy paid, by brand.</p>
{{ charts.subsidies }}
<div class="wide"><table>
<tr><th>Brand 品牌</th><th class="num">Gatherings 活动</th>
<th class="num">Subsidy 补贴</th><th class="num">Sales 销售</th></tr>
{%- for row in subsidies %}
<tr><td>{{ row.brand }}</td><td class="num">{{ row.gatherings }}</td>
<td class="num">{{ row.subsidy_minor|yuan }}</td>
<td class="num">{{ row.takings_minor|yuan }}</td></tr>
{%- endfor %}
</table></div>

{{- heading("Gatherings that really happened", "真实的活动") }}
<div class="wide"><table>
<tr><th>What 内容</th><th class="num">People 人数</th>
<th class="num">Sales 销售</th><th>Checks 核对</th></tr>
{%- for row in told %}
<tr><td>{{ row.what }}</td><td class="num">{{ row.people }}</td>
<td class="num">{{ row.takings_minor|yuan }}</td>
{{- verdict(row.checks|map(attribute="is_right")|min) }}</tr>
{%- endfor %}
</table></div>

{{- heading("Claims by outcome", "认领结果") }}
{{ charts.outcomes }}

{{- heading("From claim to confirmed", "从认领到确认") }}
<p class="soft">From the HTTP call to the final state as its host sees it, at a steady pace of
twenty a second. The services, the database, the broker and the people of the demo used
{{ figures.claim_own_cpu_percent }} % of all processors of the machine meanwhile, everybody else
{{ figures.claim_others_cpu_percent }} %.</p>
{{ charts.latency }}

{{- heading("The books prove it", "账目证明") }}
<div class="wide"><table>
{%- for what, value, is_right in books %}
<tr><td>{{ what }}</td><td>{{ value }}</td>{{ verdict(is_right) }}</tr>
{%- endfor %}
</table></div>

{{- heading("Every path, expected and found", "逐项核对") }}
<div class="wide"><table>
<tr><th>What 内容</th><th>Expected 预期</th><th>Found 实际</th><th></th></tr>
{%- for check in checks %}
<tr><td>{{ check.about }}</td><td>{{ check.expected|in_words }}</td>
<td>{{ check.actual|in_words }}</td>
{{- verdict(check.is_right) }}</tr>
{%- endfor %}
</table></div>

{{- heading("The brands' imports", "品牌导入") }}
<p class="soft">{{ sheets|length }} sheets. Lines that could not be read, by number and reason:</p>
<div class="wide"><table>
<tr><th>Brand 品牌</th><th class="num">Lots 批次</th><th>Lines refused 被拒行</th></tr>
{%- for row in sheets_with_errors %}
<tr><td>{{ row.brand }}</td><td class="num">{{ row.lots }}</td>
<td>{% for line, message in row.errors %}{{ line }}: {{ message }}<br>{% endfor %}</td></tr>
{%- endfor %}
</table></div>
<details><summary>The largest imports 最大的导入</summary>{{ charts.sheets }}</details>

{{- heading("Where the time went", "时间分布") }}
{{ charts.stages }}

{{- heading("All figures", "全部数据") }}
<details><summary>As printed by <code>teahouse demo --json</code></summary>
<div class="wide"><table>
{%- for name, value in figures.items() %}
<tr><td><code>{{ name }}</code></td><td class="num">{{ value }}</td></tr>
{%- endfor %}
</table></div></details>
<footer>Made by <code>teahouse demo</code>, {{ made_at }}. Goods and households: The Complete
Journey by 84.51°, for research and education. Prices are its cents read as fen.</footer>
</body>
</html>
"""
