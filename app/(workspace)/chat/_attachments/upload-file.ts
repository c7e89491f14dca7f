import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";

export type UploadResult = { ok: true; info: AttachmentInfo } | { ok: false; problem: Problem };

/**
 * Uploads a file. Uses XMLHttpRequest, because fetch does not report the progress of an upload.
 * @param onProgress gets the part that is sent, from 0 to 1
 */
export function uploadFile(
  { id, name, body }: { id: string; name: string; body: Blob },
  signal: AbortSignal,
  onProgress: (part: number) => void,
): Promise<UploadResult> {
  const query = new URLSearchParams({ id, name, bytes: String(body.size) });
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const fail = () => resolve({ ok: false, problem: { code: "offline" } });
    request.open("POST", `/api/chat/attachments?${query}`);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onload = () => resolve(toResult(request.status, request.response));
    request.onerror = fail;
    request.onabort = fail;
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

function toResult(status: number, response: unknown): UploadResult {
  // Our own answer.
  if (status === 200 && response !== null) return { ok: true, info: response as AttachmentInfo };
  // Our error shape, with every field optional: a proxy may have sent its own page instead.
  const body = response as { error?: Partial<Problem> } | null;
  const reason = body?.error?.reason;
  return { ok: false, problem: { code: body?.error?.code ?? "internal", ...(reason && { reason }) } };
}

/** Deletes a file that is not sent. If that fails, the server deletes it a day later. */
export function removeFile(id: string): void {
  fetch(`/api/chat/attachments/${id}`, { method: "DELETE" }).catch(() => undefined);
}
