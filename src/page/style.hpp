#pragma once

#include <string_view>

namespace vivace::page {

/// How a page looks, on light and dark screens and on paper.
inline constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#1c2330;--soft:#5b6575;--rule:#dfe3ea;--grid:#e8ebf0;
--bad:#b42318;--bad-ground:#fef1f0;--note:#8a5a00;--note-ground:#fff7e6;
--c0:#2563eb;--c1:#d97706;--c2:#059669;--c3:#c026d3;--c4:#dc2626;--c5:#0891b2;--c6:#65a30d;--c7:#6d4fc4}
@media (prefers-color-scheme:dark){:root{--ground:#11151c;--card:#191f29;--ink:#e6e9ef;--soft:#9aa5b8;--rule:#2d3644;
--grid:#263040;--bad:#ff9a90;--bad-ground:#3a1c1b;--note:#ffcf7a;--note-ground:#352a14;
--c0:#6ea8fe;--c1:#fbb040;--c2:#3ecf9a;--c3:#e879f9;--c4:#f87171;--c5:#38cfe8;--c6:#a3d93f;--c7:#b09bff}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:17px;line-height:1.3;margin:0 0 4px}
.soft,figcaption{color:var(--soft);margin:0}
figcaption{font-size:13.5px;max-width:76ch}
section,figure.chart{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:18px 20px;margin:18px 0 0}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:12px;margin:18px 0 0;padding:0;list-style:none}
.facts li{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:12px 16px}
.facts b{display:block;font-size:22px;line-height:1.3;font-weight:650;font-variant-numeric:tabular-nums}
.facts span{color:var(--soft);font-size:13px;overflow-wrap:anywhere}
.problems{border-color:var(--bad);background:var(--bad-ground)}
.problems h2{color:var(--bad)}
.notes{border-color:var(--note);background:var(--note-ground)}
.notes h2{color:var(--note)}
.problems ul,.notes ul{margin:4px 0 0;padding-left:20px}
.wide{overflow-x:auto;margin-top:10px}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:5px 14px 5px 0;border-bottom:1px solid var(--rule);vertical-align:top;white-space:nowrap}
td{overflow-wrap:anywhere}
.text td,.fit td,th{white-space:normal}
.fit th,.fit td{padding-right:10px}.fit td{overflow-wrap:normal}
thead th{color:var(--soft);font-weight:600;vertical-align:bottom}
tbody th{font-weight:600}
.number{text-align:right}
tr:last-child>*{border-bottom:0}
figure svg{display:block;width:100%;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:10px 0 4px;padding:0;font-size:13.5px}
.legend li{display:flex;align-items:center;gap:7px;overflow-wrap:anywhere}
.legend svg{width:26px;height:12px;flex:none}
details{margin-top:8px;font-size:13.5px}
summary{cursor:pointer;color:var(--soft)}
text{fill:var(--soft);font-size:12px;font-family:inherit}
.title{fill:var(--ink)}
.middle{text-anchor:middle}.end{text-anchor:end}
.grid{stroke:var(--grid)}.axis{stroke:var(--soft)}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
.dashed{stroke-dasharray:5 4;stroke-width:1.6}
.join{fill:none;stroke:var(--rule);stroke-width:3}
.line.c0{stroke:var(--c0)}.line.c1{stroke:var(--c1)}.line.c2{stroke:var(--c2)}.line.c3{stroke:var(--c3)}
.line.c4{stroke:var(--c4)}.line.c5{stroke:var(--c5)}.line.c6{stroke:var(--c6)}.line.c7{stroke:var(--c7)}
.fill.c0{fill:var(--c0)}.fill.c1{fill:var(--c1)}.fill.c2{fill:var(--c2)}.fill.c3{fill:var(--c3)}
.fill.c4{fill:var(--c4)}.fill.c5{fill:var(--c5)}.fill.c6{fill:var(--c6)}.fill.c7{fill:var(--c7)}
@media print{body{background:#fff}section,figure.chart,.facts li{break-inside:avoid}}
)css";

}  // namespace vivace::page
