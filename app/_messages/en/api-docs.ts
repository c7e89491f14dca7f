export const apiDocs = {
  title: "API",
  lead: "Use every model from your own programs, on the same credit as the chat. The API is compatible with OpenAI’s, so their SDKs and most tools work without changes.",
  contents: "On this page",
  quickStart: {
    title: "Quick start",
    body: "<keys>Create an API key</keys>, save it as <code>PARLEY_API_KEY</code>, and set the base URL of your client to <url></url>.",
    curl: "curl",
    python: "Python",
    node: "Node.js",
    install: "Install OpenAI’s SDK first: <code></code>",
    example: "Example in {language}",
  },
  authentication: {
    title: "Authentication",
    header: "Send the key in every request, in the header <code>Authorization: Bearer</code>.",
    scopes:
      "A key can chat, create embeddings, or read usage, as you choose when you create it. You can give it a monthly budget and an expiry date.",
    safety:
      "Keep keys on servers, never in browsers or apps. A revoked key stops working immediately, and its running answers end.",
  },
  models: {
    title: "Models and prices",
    body: "Prices are in US dollars per 1 million tokens, charged to your credit. Requests that fail without an answer cost nothing.",
    model: "Model",
    plan: "Plan",
    context: "Context",
    input: "Input",
    output: "Output",
    tokens: "{count} tokens",
  },
  limits: {
    title: "Limits",
    body: "Each workspace has a limit of requests per minute. The headers <code>x-ratelimit-remaining-requests</code> and <code>x-ratelimit-reset-requests</code> of every response tell you what is left.",
    plan: "Plan",
    requests: "Requests per minute",
    size: "A request can be up to {size} MB. A prompt and its answer must fit into the model’s context.",
  },
  cache: {
    title: "Response cache",
    body: "Equal chat requests can be answered from a cache at no cost. Send <code>x-parley-cache: allow</code> to use it, and <code>refresh</code> instead of <code>allow</code> to replace the stored answer. Without the header, the setting of your API key applies, which is off by default.",
    ttl: "<code>x-parley-cache-ttl</code> sets how long an answer is valid, in seconds: {min} to {max}, {initial} by default. The response header <code>x-parley-cache</code> is <code>hit</code>, <code>miss</code>, or <code>bypass</code>.",
    privacy:
      "Stored answers are encrypted and are returned to your workspace only. A response from the cache counts toward the rate limit.",
  },
  errors: {
    title: "Errors",
    body: "Errors have OpenAI’s format and statuses, so its SDKs throw the matching exception. The header <code>x-request-id</code> identifies a request when you contact us.",
    status: "Status",
    code: "Code",
    meaning: "Meaning",
    retry:
      "Retry 429 and 503 after the seconds in <code>retry-after</code>. The header <code>x-should-retry: false</code> means that another attempt won’t help.",
    moderation:
      "<code>content_policy_violation</code> means that moderation refused the input. The request isn’t charged, and sending it again won’t help.",
    stream:
      "An error in a running stream is an event with <code>error</code>. The text you received before it is charged.",
  },
  reference: {
    title: "Reference",
    body: "Every endpoint with its parameters, responses, events, headers, and errors. Generate a typed client from the <document>OpenAPI document</document>.",
    loading: "Loading the reference …",
    failed: "The reference couldn’t be loaded.",
    retry: "Try again",
    noScript: "Turn on JavaScript to see the reference, or read the OpenAPI document.",
  },
} as const;
