/**
 * Returns a request without fields that are null at its top level, and in its messages except for `content`.
 * OpenAI treats them as absent; stricter upstreams (vLLM, TEI) reject them.
 */
export function dropNulls(body: Record<string, unknown>): Record<string, unknown> {
  const { messages, ...fields } = withoutNulls(body);
  if (!Array.isArray(messages)) return messages === undefined ? fields : { ...fields, messages };
  return { messages: messages.map(cleanMessage), ...fields };
}

function cleanMessage(message: unknown): unknown {
  if (typeof message !== "object" || message === null) return message;
  const { content, ...fields } = message as Record<string, unknown>; // Checked above: an object.
  return { ...withoutNulls(fields), ...(content !== undefined && { content }) };
}

function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
