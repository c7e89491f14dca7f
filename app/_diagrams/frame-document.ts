import { createHash } from "node:crypto";
import { maxDiagramLength } from "#app/_diagrams/diagram-paths.ts";

/** The entry of Mermaid, next to the document. */
const entry = "./mermaid.esm.min.mjs";

/**
 * Renders the diagrams that the page sends and answers with their SVG. Links and scripts of a diagram are
 * removed by Mermaid's strict mode, and texts are SVG, because HTML in an image is not shown everywhere.
 */
const script = `
import mermaid from "${entry}";
const toXml = (svg) => {
  const element = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
  const { width, height } = element.viewBox.baseVal;
  element.setAttribute("width", width);
  element.setAttribute("height", height);
  element.removeAttribute("style");
  return { svg: new XMLSerializer().serializeToString(element), width, height };
};
addEventListener("message", async ({ source, data }) => {
  if (source !== parent) return;
  const { id, text, dark } = data;
  try {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      suppressErrorRendering: true,
      htmlLabels: false,
      flowchart: { htmlLabels: false },
      maxTextSize: ${maxDiagramLength},
      maxEdges: 80,
      theme: dark ? "dark" : "neutral",
      fontFamily: "ui-sans-serif, system-ui, sans-serif",
      secure: ["secure", "securityLevel", "startOnLoad", "maxTextSize", "maxEdges", "suppressErrorRendering",
        "htmlLabels", "fontFamily", "themeCSS", "theme"],
    });
    const { svg } = await mermaid.render("diagram", text);
    parent.postMessage({ id, ...toXml(svg) }, "*");
  } catch (error) {
    parent.postMessage({ id, error: String(error?.message ?? error).slice(0, 300) }, "*");
  }
});
parent.postMessage({ ready: true }, "*");
`;

/** The document of the frame; it needs nothing but its own script and Mermaid. */
export const frameDocument = `<!doctype html><html><head><meta charset="utf-8"><title>Diagrams</title></head><body><script type="module">${script}</script></body></html>`;

const scriptHash = createHash("sha256").update(script).digest("base64");

/**
 * The policy of the frame: an origin of its own, scripts of ours only, and no requests, so that a diagram
 * that gets around Mermaid's strict mode can neither read the page nor send anything.
 * @param origin the app's, for browsers in which "'self'" matches nothing in a document without an origin
 */
export function framePolicy(origin: string): string {
  return [
    "sandbox allow-scripts",
    "default-src 'none'",
    `script-src 'sha256-${scriptHash}' 'self' ${origin}/api/diagram/`,
    "style-src 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; ");
}
