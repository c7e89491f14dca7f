import { createHash } from "node:crypto";
import type { SandboxModel } from "./models.ts";
import { OpenAiFailure, serverError, tooManyRequests } from "./openai-failure.ts";

/** Failures before an answer starts. */
export function createFaults() {
  const failedOnce = new Set<string>();

  /** Whether this is the first of two equal requests, so that a retry succeeds. */
  function isFirstTry(body: unknown): boolean {
    const key = createHash("sha1").update(JSON.stringify(body)).digest("base64");
    if (failedOnce.delete(key)) return false;
    failedOnce.add(key);
    return true;
  }

  return {
    clear: () => failedOnce.clear(),
    /** @throws Failure if the model fails this request */
    refuse({ id, fault }: SandboxModel, body: unknown): void {
      if (fault === "429" || (fault === "429-once" && isFirstTry(body))) throw tooManyRequests(id);
      if (fault === "500" || (fault === "500-once" && isFirstTry(body))) throw serverError();
      if (fault === "invalid-key")
        throw new OpenAiFailure(401, "invalid_request_error", "Incorrect API key provided: sk-san***.", {
          code: "invalid_api_key",
        });
    },
  };
}
