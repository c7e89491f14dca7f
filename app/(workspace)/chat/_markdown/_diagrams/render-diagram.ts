import { diagramFramePath } from "#app/_diagrams/diagram-paths.ts";

/** An image of a diagram; the size is that of its content, in pixels. */
export type RenderedDiagram = { url: string; width: number; height: number };

/** How long the frame may load Mermaid, and how long it may work on one diagram. */
const loadTimeoutMs = 20_000;
const renderTimeoutMs = 5_000;
/** The largest SVG that is shown, in characters, and the longest side, in pixels. */
const maxSvgLength = 1_000_000;
const maxSide = 20_000;
/** An unused frame is removed. */
const idleMs = 60_000;
const maxCached = 30;

type Frame = { element: HTMLIFrameElement; ready: Promise<void> };

let frame: Frame | undefined;
let idleTimer: ReturnType<typeof setTimeout> | undefined;
let queue: Promise<unknown> = Promise.resolve();
let lastId = 0;
const cache = new Map<string, RenderedDiagram>();

/**
 * Renders a Mermaid diagram as an image, one after another. The work is done by a sandboxed frame that has
 * no access to this page and no network; one that does not end in time is removed. The image runs no script
 * and loads nothing.
 * @param isDark for the dark theme
 * @throws Error with Mermaid's message, for an invalid, too large or too slow diagram
 */
export function renderDiagram(text: string, isDark: boolean): Promise<RenderedDiagram> {
  const key = `${isDark} ${text}`;
  const known = cache.get(key);
  if (known !== undefined) return Promise.resolve(known);
  const rendering = queue.then(async () => {
    const rendered = cache.get(key) ?? (await render(text, isDark));
    cache.set(key, rendered);
    const oldest = [...cache.entries()][0];
    // Images that are shown keep what they have loaded.
    if (cache.size > maxCached && oldest !== undefined) {
      cache.delete(oldest[0]);
      URL.revokeObjectURL(oldest[1].url);
    }
    return rendered;
  });
  queue = rendering.catch(() => {});
  return rendering;
}

async function render(text: string, dark: boolean): Promise<RenderedDiagram> {
  clearTimeout(idleTimer);
  frame ??= openFrame();
  const { element, ready } = frame;
  try {
    await ready;
    lastId += 1;
    const id = lastId;
    const answered = nextMessage(element, (data) => data.id === id, renderTimeoutMs);
    // The frame has an origin of its own that cannot be named.
    element.contentWindow?.postMessage({ id, text, dark }, "*");
    return toImage(await answered);
  } catch (error) {
    // What still runs in the frame is ended with it.
    if (error instanceof DiagramTimeout) closeFrame();
    throw error;
  } finally {
    idleTimer = setTimeout(closeFrame, idleMs);
  }
}

class DiagramTimeout extends Error {}

function openFrame(): Frame {
  const element = document.createElement("iframe");
  element.setAttribute("sandbox", "allow-scripts");
  element.setAttribute("aria-hidden", "true");
  element.tabIndex = -1;
  element.title = "Diagrams";
  // Texts are measured, so the frame has a layout; it is outside of the screen.
  element.style.cssText =
    "position:fixed;left:-10000px;top:0;width:1200px;height:800px;border:0;pointer-events:none";
  element.src = diagramFramePath;
  const ready = nextMessage(element, (data) => data.ready === true, loadTimeoutMs).then(() => {});
  document.body.append(element);
  return { element, ready };
}

function closeFrame(): void {
  frame?.element.remove();
  frame = undefined;
}

type Message = Record<string, unknown>;

function nextMessage(
  element: HTMLIFrameElement,
  isWanted: (data: Message) => boolean,
  timeoutMs: number,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = ({ source, data }: MessageEvent<unknown>) => {
      if (source !== element.contentWindow || !isMessage(data) || !isWanted(data)) return;
      end();
      resolve(data);
    };
    const timer = setTimeout(() => {
      end();
      reject(new DiagramTimeout("timeout"));
    }, timeoutMs);
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener("message", onMessage);
    };
    window.addEventListener("message", onMessage);
  });
}

function isMessage(data: unknown): data is Message {
  return typeof data === "object" && data !== null;
}

/** The frame is not trusted: what it sends is only used as the content of an image. */
function toImage({ svg, width, height, error }: Message): RenderedDiagram {
  if (typeof svg !== "string" || svg.length > maxSvgLength) throw new Error(String(error ?? "too large"));
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  return { url, width: toSide(width), height: toSide(height) };
}

function toSide(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.min(value, maxSide) : 300;
}
