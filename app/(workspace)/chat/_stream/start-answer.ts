import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { StartGeneration } from "#lib/chat/stream-events.ts";

export type Started = { ok: true; response: Response } | { ok: false; problem: Problem };

const tries = 3;

/**
 * Asks for an answer. Where the network fails it is asked again with the same ids, which starts nothing twice.
 */
export async function startAnswer(body: StartGeneration): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch("/api/openai/chat", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (response.ok) return { ok: true, response };
      return { ok: false, problem: await problemOf(response) };
    } catch {
      if (attempt === tries) {
        return {
          ok: false,
          problem: { code: "offline", message: "The server cannot be reached." },
        };
      }
      await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
    }
  }
}

async function problemOf(response: Response): Promise<Problem> {
  // Our own error shape, read with nothing taken for granted: it may also be a proxy's page.
  const told = (await response.json().catch(() => null)) as { error?: Partial<Problem> } | null;
  const retryAfterSeconds = Number(response.headers.get("retry-after") ?? "0");
  return {
    code: told?.error?.code ?? "internal",
    message: told?.error?.message ?? "Something failed on our side. Nothing was charged.",
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  };
}
