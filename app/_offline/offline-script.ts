/** The storage key of the language of the last page, which the offline page is shown in. */
export const lastLanguageKey = "language";

/**
 * Shows the language of the last page, else the browser's, and reloads when the server responds again: when
 * the network is back or the page becomes visible, and with growing pauses while the server is away.
 */
export const offlineScript = `{
const sections=[...document.querySelectorAll("section")];
let language=navigator.language;
try{language=localStorage.getItem("${lastLanguageKey}")||language}catch{}
const shown=sections.find((section)=>language.startsWith(section.lang))||sections[0];
for(const section of sections)section.hidden=section!==shown;
document.documentElement.lang=shown.lang;
const retry=async()=>{
if(document.visibilityState!=="visible")return;
const response=await fetch("/offline.html",{method:"HEAD",cache:"no-store",credentials:"omit"}).catch(()=>null);
if(response&&response.ok)location.reload()
};
addEventListener("online",retry);
document.addEventListener("visibilitychange",retry);
let pauseMs=2000;
const wait=()=>setTimeout(()=>{retry();pauseMs=Math.min(60000,pauseMs*2);wait()},pauseMs);
wait()
}`;
