/**
 * How does the packet's page look: light, dark, on paper?
 * The product's colours and type, nothing fetched. It never depends on a script.
 */
export const style = `:root{color-scheme:light dark;--canvas:#fbfaf8;--surface:#fff;--line:#e5e1da;--ink:#1e1c19;--ink-2:#56514a;--ink-3:#6d675e;--accent:#0b6073;--wait:#855300;--run:#2455c3;--done:#1b6a3b;--stop:#b0261d;--taint:#6a3bbd}
@media (prefers-color-scheme:dark){:root{--canvas:#181715;--surface:#1e1d1a;--line:#2f2c28;--ink:#edeae4;--ink-2:#b8b2a8;--ink-3:#989186;--accent:#63bccf;--wait:#e4b04a;--run:#8db2ff;--done:#74c893;--stop:#ff938a;--taint:#c3a8ff}}
*{box-sizing:border-box}
html{font:14px/22px Inter,system-ui,sans-serif;font-variant-ligatures:none;font-variant-numeric:tabular-nums;color:var(--ink);background:var(--canvas);-webkit-text-size-adjust:100%}
body{max-width:960px;margin:0 auto;padding:32px 24px 64px;overflow-wrap:anywhere}
h1{font-size:22px;line-height:30px;font-weight:600;margin:4px 0 8px}
h2{font-size:16px;line-height:24px;font-weight:600;margin:0 0 12px}
h3{font-size:14px;font-weight:600;margin:20px 0 8px}
p{margin:0 0 12px;max-width:72ch}
a{color:var(--accent)}
section{margin-top:32px;padding-top:20px;border-top:1px solid var(--line)}
code,pre{font:12px/20px "JetBrains Mono",ui-monospace,monospace;font-variant-ligatures:none;overflow-wrap:anywhere}
pre{margin:0 0 12px;padding:12px;background:var(--surface);border:1px solid var(--line);border-radius:6px;white-space:pre-wrap}
.over,.dim,dt,th{color:var(--ink-3)}
.sub{color:var(--ink-2)}
.wait{color:var(--wait)}.run{color:var(--run)}.done{color:var(--done)}.stop{color:var(--stop)}.taint{color:var(--taint)}.idle{color:var(--ink-3)}
.said{border-left:2px solid var(--line);padding-left:12px;margin:4px 0;white-space:pre-wrap;color:var(--ink-2)}
dl{margin:0 0 12px}
dl div{display:grid;grid-template-columns:148px minmax(0,1fr);gap:12px;padding:5px 0;border-top:1px solid var(--line)}
dl div:first-child{border-top:0}
dd{margin:0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:0 0 12px}
th{font-size:12px;font-weight:400;text-align:left;padding:4px 16px 4px 0;white-space:nowrap}
td{padding:6px 16px 6px 0;border-top:1px solid var(--line);vertical-align:top;min-width:72px}
ol.story{list-style:none;margin:0;padding:0}
ol.story li{display:grid;grid-template-columns:148px 12px minmax(0,1fr);gap:12px;padding:5px 0;break-inside:avoid}
ol.story time{color:var(--ink-3);font-size:12px}
ol.story b{font-weight:600}
.mark{width:8px;height:8px;border-radius:50%;background:currentColor;margin-top:7px}
@media (max-width:640px){body{padding:20px 16px 48px}thead{display:none}tr,td{display:block}tr{border-top:1px solid var(--line);padding:8px 0}td{border:0;padding:2px 0}td::before{content:attr(data-label);display:block;font-size:12px;color:var(--ink-3)}dl div{grid-template-columns:1fr;gap:0}ol.story li{grid-template-columns:12px minmax(0,1fr)}ol.story time{grid-column:2}ol.story li>*:last-child{grid-column:2}.mark{grid-row:1}}
@media print{:root{color-scheme:light;--canvas:#fff;--surface:#fff;--line:#ccc;--ink:#000;--ink-2:#333;--ink-3:#555;--accent:#000;--wait:#553500;--run:#153a8a;--done:#0d4a26;--stop:#7d160f;--taint:#47268a}html{font-size:10pt;line-height:15pt}body{max-width:none;padding:0}section{margin-top:18pt;padding-top:10pt}h2,h3{break-after:avoid}tr,dl div{break-inside:avoid}a[href]::after{content:" (" attr(href) ")";color:var(--ink-3)}}
`
