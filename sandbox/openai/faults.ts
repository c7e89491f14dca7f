import { createHash } from "node:crypto";
import { Failure, serverError, tooManyRequests } from "./failure.ts";
import type { SandboxModel } from "./models.ts";

/** The failures that come instead of an answer. */
export function createFaults() {
  const failedOnce = new Set<string>();

  /** True for the first of two equal requests, so that a retry finds the model well again. */
  function isFirstTry(body: unknown): boolean {
    const key = createHash("sha1").update(JSON.stringify(body)).digest("base64");
    if (failedOnce.delete(key)) return false;
    failedOnce.add(key);
    return true;
  }

  return {
    clear: () => failedOnce.clear(),
    /** @throws Failure when this model refuses this request */
    refuse({ id, fault }: SandboxModel, body: unknown): void {
      if (fault === "429" || (fault === "429-once" && isFirstTry(body))) throw tooManyRequests(id);
      if (fault === "500" || (fault === "500-once" && isFirstTry(body))) throw serverError();
      if (fault === "invalid-key")
        throw new Failure(401, "invalid_request_error", "Incorrect API key provided: sk-san***.", {
          code: "invalid_api_key",
        });
    },
  };
}
