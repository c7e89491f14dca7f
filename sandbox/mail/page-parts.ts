/** Styles of the mailbox: one column on a phone, list and email side by side on larger screens. */
export const style = `
.mailbox{max-width:1200px;margin:0 auto}
.mailbox main{max-width:none;margin:0;padding:24px 16px 64px;min-width:0}
nav.emails{display:block;margin:0;padding:24px 16px}
nav.emails header{display:flex;align-items:center;justify-content:space-between;gap:16px;margin:0 0 12px}
nav.emails h1{margin:0}
nav.emails ol{list-style:none;margin:0;padding:0;border-top:1px solid var(--line)}
nav.emails li{border-bottom:1px solid var(--line)}
nav.emails li a{display:grid;grid-template-columns:minmax(0,1fr);gap:2px;padding:12px 8px;color:inherit;text-decoration:none;font-weight:400}
nav.emails li a:hover{background:var(--card)}
nav.emails li a[aria-current]{background:var(--card);box-shadow:inset 3px 0 var(--accent)}
.first{display:flex;white-space:nowrap;justify-content:space-between;gap:12px;font-size:14px}
.first strong{min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
time{font-variant-numeric:tabular-nums;white-space:nowrap;color:var(--soft);font-size:14px}
.preview{font-size:14px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.choose{display:none}
article h2{margin:0 0 12px;font-size:20px;overflow-wrap:anywhere}
.envelope{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;margin:0 0 16px;font-size:14px}
.envelope dt{color:var(--soft)}.envelope dd{margin:0;overflow-wrap:anywhere}
.envelope time{color:inherit}
iframe{display:block;width:100%;height:480px;border:1px solid var(--line);border-radius:12px;background:#fff;color-scheme:light}
details{margin:8px 0 0}
pre.text{white-space:pre-wrap;overflow-wrap:anywhere}
.opened nav.emails{display:none}
.back a{display:inline-flex;min-height:44px;align-items:center}
@media (min-width:900px){
.mailbox{display:grid;grid-template-columns:380px 1fr}
.opened nav.emails{display:block}
.back{display:none}
.choose{display:block;padding:64px 0;text-align:center}
}`;

/** Shows local times, sizes the email frame and reloads when a new email arrives. */
export const script = `
for (const time of document.querySelectorAll("time")) {
  const at = new Date(time.dateTime);
  const today = at.toDateString() === new Date().toDateString();
  time.textContent = at.toLocaleString([], today ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  time.title = at.toLocaleString();
}
const frame = document.querySelector("iframe");
if (frame) {
  const fit = () => {
    const body = frame.contentDocument?.documentElement;
    if (body) frame.height = frame.style.height = Math.max(120, body.scrollHeight + 2) + "px";
  };
  frame.addEventListener("load", fit);
  addEventListener("resize", fit);
  fit();
}
const newest = document.body.dataset.newest;
const arrived = async () => {
  for (;;) {
    try {
      const answer = await fetch("/api/messages/wait?timeoutMs=55000&after=" + newest);
      if (answer.ok) return location.reload();
      if (answer.status !== 404) throw new Error("The mailbox answers " + answer.status);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
};
addEventListener("load", arrived);
`;
