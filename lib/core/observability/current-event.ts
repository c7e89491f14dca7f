import { AsyncLocalStorage } from "node:async_hooks";
import { singleton } from "#lib/core/singleton.ts";

/** The unit of work that is being logged: a request, an action or a job. */
export type OpenEvent = {
  name: string;
  fields: Record<string, unknown>;
  /** What a user has sent; never logged. */
  input?: unknown;
  error?: unknown;
};

export function openEvents(): AsyncLocalStorage<OpenEvent> {
  return singleton("log.events", () => new AsyncLocalStorage<OpenEvent>());
}
