import { useEffect, useSyncExternalStore } from "react";
import type { Markdown } from "#app/(workspace)/chat/_markdown/markdown.tsx";
import { needsMath } from "#app/(workspace)/chat/_markdown/needed-plugins.ts";
import { loadedPlugin, loadPlugin, subscribeToPlugins } from "#app/(workspace)/chat/_markdown/plugins.ts";

type Renderer = typeof Markdown;

let renderer: Renderer | undefined;
let loading: Promise<Renderer> | undefined;
const listeners = new Set<() => void>();

/** Loads the Markdown renderer, a third of the page's script (docs/decisions/0016), once per page. */
export function loadRenderer(): Promise<Renderer> {
  loading ??= import("#app/(workspace)/chat/_markdown/markdown.tsx").then(
    (module) => {
      renderer = module.Markdown;
      for (const notify of listeners) notify();
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

/** Loads what a text needs and returns the renderer when all of it is there. Rerenders then. */
export function useRenderer(text: string): Renderer | undefined {
  const ready = useSyncExternalStore(subscribe, () => loadedRenderer(text), noRenderer);
  useEffect(() => {
    // Without its renderer an answer is readable as plain text, so a failed download is ignored.
    if (ready === undefined) loadRendererFor(text).catch(() => {});
  }, [ready, text]);
  return ready;
}

const noRenderer = () => undefined;

function subscribe(notify: () => void): () => void {
  listeners.add(notify);
  const unsubscribe = subscribeToPlugins(notify);
  return () => {
    listeners.delete(notify);
    unsubscribe();
  };
}
