/** Requests a stop, and retries until the server has found the generation. Stopping twice is harmless. */
export async function requestStop(generationId: string, attempt = 1): Promise<void> {
  const url = `/api/openai/chat/${generationId}/stop`;
  // `keepalive`: also while the page is being left.
  const response = await fetch(url, { method: "POST", keepalive: true }).catch(() => null);
  // The generation may not have started yet.
  if (response?.ok || attempt === 6) return;
  await new Promise((resolve) => setTimeout(resolve, 250 * attempt));
  await requestStop(generationId, attempt + 1);
}
