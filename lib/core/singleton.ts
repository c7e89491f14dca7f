/**
 * One value a process, whatever the bundler does: Next.js may load a module once for each entry, so what must exist
 * once (a pool, a bus, a registry) lives on the global object under a registered symbol.
 */
export function singleton<T>(name: string, make: () => T): T {
  const key = Symbol.for(`parley.${name}`);
  // The global object has no type for our symbols; this is the only place that reads and writes them.
  const store = globalThis as unknown as Record<symbol, T | undefined>;
  const found = store[key];
  if (found !== undefined) return found;
  const made = make();
  store[key] = made;
  return made;
}
