type FailureOptions = { code?: string | null; param?: string | null; headers?: Record<string, string> };

/** An error in OpenAI's format. */
export class OpenAiFailure extends Error {
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

/** 400: invalid request. */
export function badRequest(message: string, options: FailureOptions = {}): OpenAiFailure {
  return new OpenAiFailure(400, "invalid_request_error", message, options);
}

/** 401 with OpenAI's message; the key is abbreviated. */
export function wrongKey(key: string | null): OpenAiFailure {
  const message =
    key === null
      ? "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
      : `Incorrect API key provided: ${key.slice(0, 7)}***${key.slice(-4)}. The sandbox takes any key that starts with sk-sandbox-.`;
  return new OpenAiFailure(401, "invalid_request_error", message, {
    code: key === null ? null : "invalid_api_key",
  });
}

/** 404: unknown model. */
export function unknownModel(id: string): OpenAiFailure {
  return new OpenAiFailure(
    404,
    "invalid_request_error",
    `The model \`${id}\` does not exist or you do not have access to it.`,
    { code: "model_not_found" },
  );
}

/** 429 with Retry-After of one second. */
export function tooManyRequests(model: string): OpenAiFailure {
  return new OpenAiFailure(
    429,
    "requests",
    `Rate limit reached for ${model} on requests per min (RPM). Please try again in 1s.`,
    { code: "rate_limit_exceeded", headers: { "retry-after": "1" } },
  );
}

/** 500: server error. */
export function serverError(): OpenAiFailure {
  return new OpenAiFailure(
    500,
    "server_error",
    "The server had an error while processing your request. Sorry about that!",
  );
}
