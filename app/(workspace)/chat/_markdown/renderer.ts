import { startTransition, useEffect, useState } from "react";
import type { Markdown } from "#app/(workspace)/chat/_markdown/markdown.tsx";
import { needsMath } from "#app/(workspace)/chat/_markdown/needed-plugins.ts";
import { loadedPlugin, loadPlugin } from "#app/(workspace)/chat/_markdown/plugins.ts";

type Renderer = typeof Markdown;

let renderer: Renderer | undefined;
let loading: Promise<Renderer> | undefined;

/** Loads the Markdown renderer, a third of the page's script (docs/decisions/0016), once per page. */
export function loadRenderer(): Promise<Renderer> {
  loading ??= import("#app/(workspace)/chat/_markdown/markdown.tsx").then(
    (module) => {
      renderer = module.Markdown;
      return renderer;
    },
    (error: unknown) => {
      // The next answer tries again.
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

/** The renderer if it and all that the layout of a text depends on are loaded, else undefined. */
export function loadedRenderer(text: string): Renderer | undefined {
  return needsMath(text) && loadedPlugin("math") === undefined ? undefined : renderer;
}

/** Loads the renderer and all that the layout of a text depends on. */
export async function loadRendererFor(text: string): Promise<Renderer> {
  if (needsMath(text)) await loadPlugin("math");
  return loadRenderer();
}

/**
 * Loads what a text needs and returns the renderer when all of it is there. The rerender that shows it can be
 * interrupted, because a long answer takes longer than a frame.
 */
export function useRenderer(text: string): Renderer | undefined {
  // A function in the state would be called.
  const [ready, setReady] = useState(() => ({ renderer: loadedRenderer(text) }));
  const needed = ready.renderer === undefined || loadedRenderer(text) === undefined;
  useEffect(() => {
    if (!needed) return;
    let isMounted = true;
    const show = (loaded: Renderer) => isMounted && startTransition(() => setReady({ renderer: loaded }));
    // Without its renderer an answer is readable as plain text, so a failed download is ignored.
    loadRendererFor(text).then(show, () => {});
    return () => {
      isMounted = false;
    };
  }, [needed, text]);
  return ready.renderer;
}
