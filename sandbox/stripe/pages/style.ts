/** The style sheet of all sandbox pages, light and dark. */
export const style = `:root{--ink:#1c1b1a;--soft:#5f5b56;--line:#dedad4;--paper:#faf9f7;--card:#fff;--accent:#0f6b63;--on-accent:#fff;--bad:#a3271f;--good:#1c6b3a;--mark:#fff3d1;--mark-ink:#5c4300}
@media (prefers-color-scheme:dark){:root{--ink:#ecebe9;--soft:#aaa59f;--line:#3b3936;--paper:#191817;--card:#222120;--accent:#5fc7bc;--on-accent:#08201e;--bad:#ff9a90;--good:#7fd6a0;--mark:#3b3113;--mark-ink:#ffe4a0}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.mark{margin:0;padding:8px 16px;background:var(--mark);color:var(--mark-ink);text-align:center;font-size:14px}
main{max-width:960px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:24px;line-height:1.25;margin:0 0 12px}
h2{font-size:18px;margin:32px 0 12px}
p{margin:0 0 12px}
a{color:var(--accent)}
.soft{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px}
.narrow{max-width:480px;margin:0 auto}
.two{display:grid;gap:24px}
@media (min-width:760px){.two{grid-template-columns:1fr 1fr;align-items:start}}
.total{font-size:34px;font-weight:600;line-height:1.2;margin:4px 0 16px;font-variant-numeric:tabular-nums}
dl.lines{margin:0;display:grid;grid-template-columns:1fr auto;gap:8px 16px}
dl.lines dt{margin:0}dl.lines dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
.sum{border-top:1px solid var(--line);padding-top:8px;font-weight:600}
label{display:block;font-size:14px;font-weight:600;margin:0 0 4px}
.field{margin:0 0 16px}
fieldset{margin:0 0 16px;padding:0;border:0}legend{padding:0;margin:0 0 8px;font-size:14px;font-weight:600}
.choice{display:flex;align-items:center;gap:8px;min-height:44px}.choice input{width:auto;min-height:0;margin:0}
.methods:has([value=card]:checked) .of-debit,.methods:has([value=sepa_debit]:checked) .of-card{display:none}
.row{display:grid;grid-template-columns:1fr 1fr;gap:12px}
.code{margin:20px 0 0}.code .row{grid-template-columns:1fr auto}
input,select{width:100%;min-height:44px;padding:8px 12px;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:8px}
input:focus-visible,button:focus-visible,a:focus-visible,select:focus-visible,summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
button,.button{display:inline-flex;align-items:center;justify-content:center;min-height:44px;padding:8px 16px;font:inherit;font-weight:600;border-radius:8px;border:1px solid var(--soft);background:var(--card);color:var(--ink);cursor:pointer;text-decoration:none}
button.primary,.button.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
button.wide{width:100%}
button[aria-busy=true]{opacity:.6}
.actions{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 16px}
.actions form{margin:0}
.error{border:1px solid var(--bad);color:var(--bad);border-radius:8px;padding:10px 12px;margin:0 0 16px}
.good{color:var(--good)}.bad{color:var(--bad)}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:12px;background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:10px 12px;border-bottom:1px solid var(--line);white-space:nowrap;font-variant-numeric:tabular-nums}
tr:last-child td{border-bottom:0}
td.wrap{white-space:normal}
pre{overflow:auto;margin:0;padding:16px;background:var(--card);border:1px solid var(--line);border-radius:12px;font-size:13px;line-height:1.45}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 20px}
nav a{padding:10px 0}
nav a[aria-current]{color:var(--ink);font-weight:600;text-decoration:none}
details summary{cursor:pointer;padding:10px 0;color:var(--accent);font-weight:600}
.card>:last-child{margin-bottom:0}.card>h2:first-child{margin-top:0}
.card+.card{margin-top:12px}
dl.lines+p{margin-top:20px}
@media (max-width:600px){.stacked thead{position:absolute;clip-path:inset(50%)}.stacked tr{display:flex;flex-wrap:wrap;align-items:center;gap:8px 16px;padding:12px;border-bottom:1px solid var(--line)}.stacked tr:last-child{border-bottom:0}.stacked td{padding:0;border:0;white-space:normal;overflow-wrap:anywhere}.stacked td:empty{display:none}
nav{display:grid;grid-template-columns:repeat(3,auto);justify-content:start}.actions button{flex:1 1 auto}}
@media print{.mark,.actions,form{display:none}}`;
