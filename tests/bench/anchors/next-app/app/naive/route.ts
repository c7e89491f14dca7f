import OpenAI from "openai";
import postgres from "postgres";

export const dynamic = "force-dynamic";

const client = new OpenAI({ apiKey: "bench", baseURL: `${process.env.BENCH_UPSTREAM}/v1` });
const sql = postgres(process.env.BENCH_DATABASE_URL ?? "", { max: 20 });

/**
 * Frozen anchor: what most products do. The SDK decodes every chunk, the route encodes it again, two database
 * trips.
 */
export async function POST(request: Request): Promise<Response> {
  const body = (await request.json()) as { model: string };
  await sql`select 1 as allowed`;
  const stream = await client.chat.completions.create({
    model: body.model,
    messages: [{ role: "user", content: "bench" }],
    stream: true,
    stream_options: { include_usage: true },
  });
  const encoder = new TextEncoder();
  const readable = new ReadableStream({
    async start(controller) {
      let text = "";
      for await (const chunk of stream) {
        const delta = chunk.choices[0]?.delta?.content ?? "";
        text += delta;
        if (delta !== "")
          controller.enqueue(encoder.encode(`data: ${JSON.stringify({ type: "text", text: delta })}\n\n`));
      }
      await sql`select ${text.length}::int as saved`;
      controller.close();
    },
  });
  return new Response(readable, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" },
  });
}
