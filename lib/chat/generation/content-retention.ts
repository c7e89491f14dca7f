import { env } from "#lib/core/env.ts";
import { maskText } from "#lib/core/mask.ts";

/**
 * Returns what LOG_CONTENT makes of prompts and answers before the request log retains them; undefined when
 * it retains none.
 */
export function contentRedactor(): ((text: string) => string) | undefined {
  const mode = env().LOG_CONTENT;
  if (mode === "off") return undefined;
  return mode === "full" ? (text) => text : maskText;
}
