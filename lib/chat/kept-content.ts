import { env } from "#lib/core/env.ts";
import { maskText } from "#lib/core/mask.ts";

/**
 * Whether prompts and answers may be kept in the log of requests, as LOG_CONTENT says: undefined for not at all, else
 * what a text becomes before it is kept.
 */
export function contentAllowed(): ((text: string) => string) | undefined {
  const how = env().LOG_CONTENT;
  if (how === "off") return undefined;
  return how === "full" ? (text) => text : maskText;
}
