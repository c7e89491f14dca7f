/** A field of a request that cannot be charged correctly. */
export type UnmeteredField = { path: (string | number)[]; message: string };

/**
 * Fields that make an upstream charge more than tokens of the requested model, or read what belongs to the
 * operator's account there. Everything else is passed on.
 */
const refusedFields: Record<string, string> = {
  web_search_options: "Web search is charged per search.",
  audio: "Audio output is charged at prices of its own.",
  plugins: "Plugins are charged at prices of their own.",
  models: "Another model has another price. Name one model as `model`.",
  route: "Another model has another price. Name one model as `model`.",
  provider: "Another provider has another price.",
  best_of: "Answers that are not returned are charged, too. Use `n`.",
  use_beam_search: "Answers that are not returned are charged, too. Use `n`.",
  prompt: "Stored prompts belong to the operator's account. Send `messages`.",
  previous_response_id: "Stored responses belong to the operator's account. Send `messages`.",
  conversation: "Stored conversations belong to the operator's account. Send `messages`.",
  container: "Containers are charged at prices of their own.",
};

/** Tiers at the price of the list, or below it. */
const meteredTiers: unknown[] = ["auto", "default", "standard", "flex"];

/**
 * Returns the first field that cannot be metered, or null. Fields that are null or empty ask for nothing.
 */
export function findUnmetered(request: Record<string, unknown>): UnmeteredField | null {
  for (const [name, why] of Object.entries(refusedFields)) {
    if (Object.hasOwn(request, name) && isSet(request[name])) return refuse([name], why);
  }
  const { service_tier: tier, modalities, messages } = request;
  if (isSet(tier) && !meteredTiers.includes(tier))
    return refuse(["service_tier"], "This tier has prices of its own.");
  if (Array.isArray(modalities) && modalities.some((one) => one !== "text"))
    return refuse(["modalities"], "Only text is charged by the price list.");
  return Array.isArray(messages) ? findInMessages(messages) : null;
}

/** Uploaded files belong to the operator's account, in which other customers' files may be. */
function findInMessages(messages: unknown[]): UnmeteredField | null {
  for (const [index, message] of messages.entries()) {
    const parts = isRecord(message) && Array.isArray(message.content) ? message.content : [];
    for (const [position, part] of parts.entries()) {
      if (!isRecord(part) || !isRecord(part.file) || !isSet(part.file.file_id)) continue;
      const path = ["messages", index, "content", position, "file", "file_id"];
      return refuse(path, "Uploaded files are not available. Send `file_data`.");
    }
  }
  return null;
}

function refuse(path: (string | number)[], why: string): UnmeteredField {
  return { path, message: `Not supported here: ${why}` };
}

function isSet(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
