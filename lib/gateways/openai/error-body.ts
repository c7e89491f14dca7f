import { isObject, type Json } from "#lib/gateways/openai/json.ts";

/** What an upstream says about an error. */
export type UpstreamErrorBody = {
  message: string | null;
  /** A code that is a word, such as "context_length_exceeded"; else the type. */
  code: string | null;
  param: string | null;
  /** The status that the body names, which OpenRouter sends as a code within a successful response. */
  status: number | null;
};

const maxMessageLength = 1_000;

/**
 * Reads an error in the forms that upstreams use: OpenAI's `error` object, a plain text as `error`, vLLM's
 * flat `{"object":"error"}`, FastAPI's `detail`, Mistral's `message`, and Google's list of one.
 * @param isError true if the response is known to be an error, so that a mere `message` counts as one
 * @returns null if the body is not an error
 */
export function readErrorBody(body: unknown, isError = false): UpstreamErrorBody | null {
  if (typeof body === "string") return isError ? toError({ message: body }) : null;
  // Google wraps an error in a list.
  if (Array.isArray(body)) return body.length === 0 ? null : readErrorBody(body[0], isError);
  if (!isObject(body)) return null;
  if (isObject(body.error)) return toError(body.error);
  if (typeof body.error === "string") return toError({ ...body, message: body.message ?? body.error });
  if (body.object === "error") return toError(body);
  if ("choices" in body || "data" in body) return null;
  if (body.detail !== undefined) return toError({ ...body, message: textOfDetail(body.detail) });
  return isError ? toError(body) : null;
}

function toError(fields: Json): UpstreamErrorBody {
  const { message, code, type, param } = fields;
  const status = [code, fields.status, fields.status_code].map(toStatus).find((one) => one !== null);
  const word = [code, type].find((value) => typeof value === "string" && !/^\d*$/.test(value));
  const text =
    typeof message === "string" ? message : textOfDetail(isObject(message) ? message.detail : message);
  return {
    message: text === null || text === "" ? null : text.slice(0, maxMessageLength),
    // Checked above: a text.
    code: (word as string | undefined)?.slice(0, 100) ?? null,
    param: typeof param === "string" ? param.slice(0, 200) : null,
    status: status ?? null,
  };
}

function toStatus(value: unknown): number | null {
  const status = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status < 600
    ? status
    : null;
}

/** FastAPI's `detail` is a text or a list of `{loc, msg}`. */
function textOfDetail(detail: unknown): string | null {
  if (typeof detail === "string") return detail;
  if (isObject(detail)) return textOfDetail(detail.msg ?? detail.message);
  if (!Array.isArray(detail)) return null;
  const lines = detail.flatMap((one) => {
    const text = textOfDetail(one);
    const at = isObject(one) && Array.isArray(one.loc) ? `${one.loc.join(".")}: ` : "";
    return text === null ? [] : [at + text];
  });
  return lines.length === 0 ? null : lines.join("; ");
}
