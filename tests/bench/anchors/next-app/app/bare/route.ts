export const dynamic = "force-dynamic";

/** Frozen anchor: the least that a Next.js route can do, which is to hand the upstream's stream on. */
export async function POST(request: Request): Promise<Response> {
  const answer = await fetch(`${process.env.BENCH_UPSTREAM}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: await request.text(),
  });
  return new Response(answer.body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" },
  });
}
