export type CodeSample = {
  language: "curl" | "python" | "node";
  code: string;
  /** The command that installs what the code imports; null if nothing is needed. */
  install: string | null;
};

const question = "Hello";
/** Inserted into the samples, which would otherwise look like code of this file. */
const sdk = "openai";
const nodeGlobal = `process`;
const keyName = "PARLEY_API_KEY";

/** The same request in curl, and with OpenAI's SDKs for Python and Node.js. */
export function codeSamples(baseUrl: string, model: string): CodeSample[] {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: question }] });
  return [
    {
      language: "curl",
      install: null,
      code: `curl ${baseUrl}/chat/completions \\
  -H "Authorization: Bearer $PARLEY_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '${body}'`,
    },
    {
      language: "python",
      install: "pip install openai",
      code: `import os
from openai import OpenAI

client = OpenAI(base_url="${baseUrl}", api_key=os.environ["PARLEY_API_KEY"])
stream = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "${question}"}],
    stream=True,
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="")`,
    },
    {
      language: "node",
      install: "npm install openai",
      code: `import OpenAI from "${sdk}";

const client = new OpenAI({ baseURL: "${baseUrl}", apiKey: ${nodeGlobal}.env.${keyName} });
const stream = await client.chat.completions.create({
  model: "${model}",
  messages: [{ role: "user", content: "${question}" }],
  stream: true,
});
for await (const chunk of stream) {
  ${nodeGlobal}.stdout.write(chunk.choices[0]?.delta.content ?? "");
}`,
    },
  ];
}
