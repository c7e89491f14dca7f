/**
 * Returns the process-wide value with this name, and creates it at the first call. Next.js may load a module
 * once per entry point, so a value that must exist once (a pool, a bus, a registry) is stored on the global
 * object.
 */
export function singleton<T>(name: string, create: () => T): T {
  const key = Symbol.for(`parley.${name}`);
  // The global object has no type for these symbols; only this function reads and writes them.
  const store = globalThis as unknown as Record<symbol, T | undefined>;
  const existing = store[key];
  if (existing !== undefined) return existing;
  const created = create();
  store[key] = created;
  return created;
}
