import { headers } from "next/headers";
import { unstable_rethrow } from "next/navigation";
import type { ZodType } from "zod";
import { resolveRequestId } from "#app/_http/request-id.ts";
import { parseInput, toInputObject } from "#app/_http/request-input.ts";
import { markActionReached } from "#app/_http/server/page-request.ts";
import { currentIdentity } from "#app/_http/session/session.ts";
import { type LocalizedError, localizeError } from "#app/_i18n/localize-error.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { requireFreshProof } from "#lib/accounts/step-up.ts";
import { now } from "#lib/core/clock.ts";
import { AppError, toPublicError } from "#lib/core/errors.ts";
import { addToEvent, failEvent, hideInErrors, withEvent } from "#lib/core/log.ts";
import { currentSpan } from "#lib/core/observability/tracing.ts";

/** The result of a server action: a value, or the public part of an error and where the log has it. */
export type ActionFailure = { ok: false; requestId: string; traceId?: string } & LocalizedError;
export type ActionResult<T> = { ok: true; value: T } | ActionFailure;

/**
 * Creates a server action for signed-in users. Next.js rejects calls from other origins; the session is
 * checked against the database on every call. `redirect()` and `notFound()` inside `run` work as usual.
 */
export function action<I, T>(
  schema: ZodType<I>,
  run: (input: I, identity: Identity) => Promise<T> | T,
  options: ActionOptions = {},
) {
  return (input: I): Promise<ActionResult<T>> =>
    runAction(async () => {
      hideInErrors(input);
      const identity = await requireIdentity(options);
      return run(parseInput(schema, input), identity);
    });
}

/** Creates a server action that does not require a session and is not called by a form. */
export function publicAction<I, T>(schema: ZodType<I>, run: (input: I) => Promise<T> | T) {
  return (input: I): Promise<ActionResult<T>> =>
    runAction(async () => {
      hideInErrors(input);
      return run(parseInput(schema, input));
    });
}

export type ActionOptions = {
  /** Requires a proof of identity within the last ten minutes; otherwise it fails with `step_up_required`. */
  needsFreshProof?: boolean;
};

/** The state of a submitted form: the result, and the submitted values, which refill the form. */
export type FormState<T> = (ActionResult<T> & { submitted: Record<string, string> }) | null;
/** The signature that `useActionState` and forms without JavaScript expect. */
export type FormAction<T> = (previous: FormState<T>, form: FormData) => Promise<FormState<T>>;

/** Creates a form's server action for signed-in users. */
export function formAction<I, T>(
  schema: ZodType<I>,
  run: (input: I, identity: Identity) => Promise<T> | T,
  options: ActionOptions = {},
): FormAction<T> {
  return publicFormAction(schema, async (input) => run(input, await requireIdentity(options)));
}

/** Creates a form's server action that does not require a session (signing in, requesting an email). */
export function publicFormAction<I, T>(schema: ZodType<I>, run: (input: I) => Promise<T> | T): FormAction<T> {
  return async (_previous, form) => {
    const result = await runAction(async () => {
      const input = toInputObject(form);
      hideInErrors(input);
      return run(parseInput(schema, input));
    });
    return { ...result, submitted: readSubmitted(form) };
  };
}

async function requireIdentity({ needsFreshProof = false }: ActionOptions): Promise<Identity> {
  const identity = await currentIdentity();
  if (identity === null) throw new AppError("unauthenticated");
  if (needsFreshProof) requireFreshProof(identity, now());
  addToEvent({ userId: identity.userId, workspaceId: identity.workspaceId });
  return identity;
}

type Outcome<T> = { result: ActionResult<T> } | { rethrow: unknown };

async function runAction<T>(run: () => Promise<T>): Promise<ActionResult<T>> {
  markActionReached();
  const requestHeaders = await headers();
  const requestId = resolveRequestId(requestHeaders);
  const fields = { requestId, page: readRefererPath(requestHeaders) };
  const outcome = await withEvent("http.action", fields, async (): Promise<Outcome<T>> => {
    try {
      return { result: { ok: true, value: await run() } };
    } catch (thrown) {
      if (isNextControlFlow(thrown)) return { rethrow: thrown };
      failEvent(thrown);
      const traceId = currentSpan()?.traceId;
      const ids = { requestId, ...(traceId !== undefined && { traceId }) };
      return { result: { ok: false, ...ids, ...(await localizeError(toPublicError(thrown), ids)) } };
    }
  });
  // Rethrown outside of `withEvent`, which would log a redirect as an error.
  if ("rethrow" in outcome) throw outcome.rethrow;
  return outcome.result;
}

/** Whether the thrown value belongs to Next.js: `redirect()` and `notFound()` work by throwing. */
function isNextControlFlow(thrown: unknown): boolean {
  try {
    unstable_rethrow(thrown);
    return false;
  } catch {
    return true;
  }
}

/** The path of the page with the form, without its query, which may contain a token. */
function readRefererPath(requestHeaders: Headers): string | undefined {
  return URL.parse(requestHeaders.get("referer") ?? "")?.pathname;
}

/** The values that may refill the form: text only, no secrets, none of Next's own fields. */
function readSubmitted(form: FormData): Record<string, string> {
  const submitted: Record<string, string> = {};
  for (const [name, value] of form) {
    if (typeof value === "string" && !/password|secret|token|code/i.test(name) && !name.startsWith("$"))
      submitted[name] = value;
  }
  return submitted;
}
