import { headers } from "next/headers";
import { unstable_rethrow } from "next/navigation";
import type { ZodType } from "zod";
import { resolveRequestId } from "#app/_http/request-id.ts";
import { parseInput, toInputObject } from "#app/_http/request-input.ts";
import { currentIdentity } from "#app/_http/session.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { AppError, type ErrorCode, type FieldProblem, toPublicError } from "#lib/core/errors.ts";
import { addToEvent, failEvent, withEvent } from "#lib/core/log.ts";

/** What a server action answers: a value, or what may be told of the error. */
export type ActionFailure = { ok: false; code: ErrorCode; message: string; fields?: FieldProblem[] };
export type ActionResult<T> = { ok: true; value: T } | ActionFailure;

/**
 * A server action for somebody who is signed in. Next.js itself refuses calls from another origin; the identity is
 * checked against the database on every call. `redirect()` and `notFound()` inside pass through.
 */
export function action<I, T>(schema: ZodType<I>, run: (input: I, identity: Identity) => Promise<T> | T) {
  return (input: I): Promise<ActionResult<T>> =>
    attempt(async () => {
      const identity = await identifyCaller();
      return run(parseInput(schema, input), identity);
    });
}

/** What a form shows after it was sent: the result, and what had been typed, so that nothing is typed twice. */
export type FormState<T> = (ActionResult<T> & { typed: Record<string, string> }) | null;
/** The shape that React's `useActionState` and a form without JavaScript both call. */
export type FormAction<T> = (previous: FormState<T>, form: FormData) => Promise<FormState<T>>;

/** A server action behind a form, for somebody who is signed in. */
export function formAction<I, T>(
  schema: ZodType<I>,
  run: (input: I, identity: Identity) => Promise<T> | T,
): FormAction<T> {
  return publicFormAction(schema, async (input) => run(input, await identifyCaller()));
}

/** A server action behind a form that anybody may send (signing in, asking for a letter). */
export function publicFormAction<I, T>(schema: ZodType<I>, run: (input: I) => Promise<T> | T): FormAction<T> {
  return async (_previous, form) => {
    const result = await attempt(async () => run(parseInput(schema, toInputObject(form))));
    return { ...result, typed: typedInto(form) };
  };
}

async function identifyCaller(): Promise<Identity> {
  const identity = await currentIdentity();
  if (identity === null) throw new AppError("unauthenticated");
  addToEvent({ userId: identity.userId, workspaceId: identity.workspaceId });
  return identity;
}

type Settled<T> = { result: ActionResult<T> } | { passing: unknown };

async function attempt<T>(run: () => Promise<T>): Promise<ActionResult<T>> {
  const arrived = await headers();
  const fields = { requestId: resolveRequestId(arrived), page: pageOf(arrived) };
  const settled = await withEvent("http.action", fields, async (): Promise<Settled<T>> => {
    try {
      return { result: { ok: true, value: await run() } };
    } catch (thrown) {
      if (isForNext(thrown)) return { passing: thrown };
      failEvent(thrown);
      const { code, message, fields: problems } = toPublicError(thrown);
      return { result: { ok: false, code, message, ...(problems && { fields: problems }) } };
    }
  });
  // Thrown on only out here: a redirect is no error, and must not be logged as one.
  if ("passing" in settled) throw settled.passing;
  return settled.result;
}

/** Whether Next.js threw this to itself: `redirect()` and `notFound()` work by throwing. */
function isForNext(thrown: unknown): boolean {
  try {
    unstable_rethrow(thrown);
    return false;
  } catch {
    return true;
  }
}

/** The page a form stood on; never its query, which may hold a token. */
function pageOf(arrived: Headers): string | undefined {
  return URL.parse(arrived.get("referer") ?? "")?.pathname;
}

/** What may be put back into the form: text alone, and never a password or Next's own fields. */
function typedInto(form: FormData): Record<string, string> {
  const typed: Record<string, string> = {};
  for (const [name, value] of form) {
    if (typeof value === "string" && !/password|secret|token/i.test(name) && !name.startsWith("$"))
      typed[name] = value;
  }
  return typed;
}
