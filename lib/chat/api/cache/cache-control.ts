import { AppError } from "#lib/core/errors.ts";

/** How a client wants its request to be cached. */
export type CacheControl = {
  /** "refresh" asks the model and stores its answer. */
  mode: "allow" | "refresh";
  /** The greatest age of an answer, and how long a new one is kept. */
  seconds: number;
};

/** The bounds of `x-parley-cache-ttl`, and its value when it is absent, in seconds. */
export const cacheTtlSeconds = { min: 60, max: 7 * 86_400, initial: 3_600 };

/**
 * Reads `x-parley-cache` (allow, refresh, off) and `x-parley-cache-ttl` (seconds).
 * @param isDefault whether the setting of the API key allows it for requests without the header
 * @returns null if it is not allowed
 * @throws AppError bad_request for other values
 */
export function readCacheControl(
  headers: { get(name: string): string | null },
  isDefault: boolean,
): CacheControl | null {
  const mode = headers.get("x-parley-cache")?.trim().toLowerCase() ?? (isDefault ? "allow" : "off");
  if (mode === "off") return null;
  if (mode !== "allow" && mode !== "refresh")
    throw invalidHeader("x-parley-cache", "must be allow, refresh or off");
  const text = headers.get("x-parley-cache-ttl")?.trim();
  if (text === undefined) return { mode, seconds: cacheTtlSeconds.initial };
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  const { min, max } = cacheTtlSeconds;
  if (!(seconds >= min && seconds <= max))
    throw invalidHeader("x-parley-cache-ttl", `must be whole seconds from ${min} to ${max}`);
  return { mode, seconds };
}

function invalidHeader(name: string, problem: string): AppError {
  return new AppError("bad_request", { message: `The header ${name} ${problem}.`, param: name });
}
