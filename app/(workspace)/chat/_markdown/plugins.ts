import type { PluginConfig } from "streamdown";

type Plugins = Required<Pick<PluginConfig, "code" | "math">>;
type Name = keyof Plugins;

const loaders: { [name in Name]: () => Promise<Plugins[name]> } = {
  code: () => import("#app/(workspace)/chat/_markdown/code-plugin.ts").then((module) => module.code),
  math: () => import("#app/(workspace)/chat/_markdown/math-plugin.ts").then((module) => module.math),
};

const loaded: Partial<Plugins> = {};
const loading = new Map<Name, Promise<void>>();
const listeners = new Set<() => void>();

/** Loads a plugin of the Markdown renderer, once per page; a failed download is repeated by the next call. */
export function loadPlugin(name: Name): Promise<void> {
  const started = loading.get(name);
  if (started !== undefined) return started;
  const promise = store(name).catch((error: unknown) => {
    loading.delete(name);
    throw error;
  });
  loading.set(name, promise);
  return promise;
}

async function store<N extends Name>(name: N): Promise<void> {
  loaded[name] = await loaders[name]();
  for (const notify of listeners) notify();
}

/** The plugin, or undefined until it is loaded. */
export function loadedPlugin<N extends Name>(name: N): Plugins[N] | undefined {
  return loaded[name];
}

/** Calls `notify` whenever a plugin has been loaded. Returns a function that ends this. */
export function subscribeToPlugins(notify: () => void): () => void {
  listeners.add(notify);
  return () => listeners.delete(notify);
}
