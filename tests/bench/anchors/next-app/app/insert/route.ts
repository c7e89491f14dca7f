import postgres from "postgres";

export const dynamic = "force-dynamic";

const sql = postgres(process.env.BENCH_DATABASE_URL ?? "", { max: 20 });

/**
 * Frozen anchor: the least that an endpoint can do which keeps what it is sent. One INSERT, nothing checked,
 * nothing started.
 */
export async function POST(request: Request): Promise<Response> {
  const body = await request.text();
  await sql`insert into bench_inbox (payload) values (${body})`;
  return Response.json({ received: true });
}
