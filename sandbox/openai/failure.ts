type FailureOptions = { code?: string | null; param?: string | null; headers?: Record<string, string> };

/** A refusal in OpenAI's own shape. */
export class Failure extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  readonly headers: Record<string, string>;

  constructor(status: number, type: string, message: string, options: FailureOptions = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = options.code ?? null;
    this.param = options.param ?? null;
    this.headers = options.headers ?? {};
  }

  toJson() {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

/** 400: what was sent is not a request. */
export function badRequest(message: string, options: FailureOptions = {}): Failure {
  return new Failure(400, "invalid_request_error", message, options);
}

/** 401, in the words of OpenAI; the key is shown by its ends alone. */
export function wrongKey(key: string | null): Failure {
  const message =
    key === null
      ? "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
      : `Incorrect API key provided: ${key.slice(0, 7)}***${key.slice(-4)}. The sandbox takes any key that starts with sk-sandbox-.`;
  return new Failure(401, "invalid_request_error", message, {
    code: key === null ? null : "invalid_api_key",
  });
}

/** 404: a model nobody has heard of. */
export function unknownModel(id: string): Failure {
  return new Failure(
    404,
    "invalid_request_error",
    `The model \`${id}\` does not exist or you do not have access to it.`,
    { code: "model_not_found" },
  );
}

/** 429 that asks for a second of patience. */
export function tooManyRequests(model: string): Failure {
  return new Failure(
    429,
    "requests",
    `Rate limit reached for ${model} on requests per min (RPM). Please try again in 1s.`,
    { code: "rate_limit_exceeded", headers: { "retry-after": "1" } },
  );
}

/** 500: it is their fault. */
export function serverError(): Failure {
  return new Failure(
    500,
    "server_error",
    "The server had an error while processing your request. Sorry about that!",
  );
}
