import { setTimeout } from "node:timers/promises";
import { db, type Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { accountExistsEmail, confirmAddressEmail } from "#lib/accounts/email/account-emails.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { addressDigest, nameFromAddress } from "#lib/accounts/email-address.ts";
import { issueToken } from "#lib/accounts/email-tokens.ts";
import { hashPassword, verifyPassword } from "#lib/accounts/password.ts";
import { refuseWeakPassword } from "#lib/accounts/refuse-weak-password.ts";
import type { SessionClaims } from "#lib/accounts/sessions.ts";
import { startSession } from "#lib/accounts/sign-in.ts";
import {
  allowInstantSignUp,
  limitAttempts,
  limitNewAccounts,
  type RequestOrigin,
} from "#lib/accounts/sign-in-limits.ts";
import { type Account, createUser, findUserByEmail } from "#lib/accounts/users.ts";

/** A session, or null for "check your email", which is the same for known and unknown addresses. */
export type SignUpResult = { claims: SessionClaims } | { claims: null };

type SignUpInput = { email: string; password: string; origin: RequestOrigin };
const quarterHourMs = 15 * 60_000;
const minResponseMs = 600;

/**
 * Signs up a new user and starts a session immediately, before the address is verified.
 *
 * An immediate session for a new address reveals that a refused address has an account. Hiding this would
 * make every user wait for an email, so probing is limited instead: each network gets a few immediate
 * sessions. After that, and always for an existing account with another password, the response is "check your
 * email", in the same time and words. A successful probe leaves an account and an email behind; a failed one
 * sends an email to the owner. A sign-up with the right password of an existing account signs in.
 * @throws AppError `too_many_requests`
 */
export async function signUp(input: SignUpInput, at: Date): Promise<SignUpResult> {
  await refuseWeakPassword(input.password, input, "password");
  const startedAt = performance.now();
  const result = await attemptSignUp(input, at);
  // Known and unknown addresses take different work; the fixed response time hides which one it was.
  if (result.claims === null) await setTimeout(Math.max(0, minResponseMs - (performance.now() - startedAt)));
  return result;
}

async function attemptSignUp(input: SignUpInput, at: Date): Promise<SignUpResult> {
  const { email, password, origin } = input;
  await limitAttempts(db(), "signUp", { email, origin }, at);
  // Counted for known addresses too, so that the refusal reveals nothing.
  await limitNewAccounts(db(), origin.network, at);
  const instant = await allowInstantSignUp(db(), origin.network, at);
  const existing = await findUserByEmail(db(), email);
  if (existing !== null) return handleExistingAccount(existing, input, instant, at);
  const passwordHash = await hashPassword(password);
  const result = await db().transaction((tx) => createAccount(tx, input, passwordHash, instant, at));
  if (result !== null) return result;
  // A concurrent sign-up created the account first.
  const first = await findUserByEmail(db(), email);
  return first === null ? { claims: null } : handleExistingAccount(first, input, instant, at);
}

/** @returns null if a concurrent sign-up took the address */
async function createAccount(
  tx: Tx,
  { email, origin }: SignUpInput,
  passwordHash: string,
  instant: boolean,
  at: Date,
): Promise<SignUpResult | null> {
  const added = await createUser(
    tx,
    { email, name: nameFromAddress(email), passwordHash, browserLocale: origin.locale },
    at,
  );
  if (added === null) return null;
  const { userId, workspaceId } = added;
  await recordAudit(tx, { action: "user.created", actorUserId: userId, workspaceId, target: userId }, at);
  await queueVerificationEmail(tx, { email, userId }, at);
  return { claims: instant ? await startSession(tx, userId, "sign_up", origin, at) : null };
}

async function handleExistingAccount(
  account: Account,
  { email, password, origin }: SignUpInput,
  instant: boolean,
  at: Date,
): Promise<SignUpResult> {
  const matches = await verifyPassword(account.passwordHash, password);
  if (matches && instant) {
    const claims = await db().transaction((tx) => startSession(tx, account.userId, "password", origin, at));
    return { claims };
  }
  const uniqueKey = `account-exists:${addressDigest(email)}:${Math.floor(at.getTime() / quarterHourMs)}`;
  await queueEmail(db(), { to: email, template: accountExistsEmail, data: { email }, uniqueKey });
  return { claims: null };
}

/** Queues the verification email of a user. */
export async function queueVerificationEmail(
  tx: Tx,
  holder: { email: string; userId: string },
  at: Date,
): Promise<void> {
  const { token } = await issueToken(tx, "verify_email", holder, at);
  const { email } = holder;
  const uniqueKey = `verify-email:${addressDigest(token)}`;
  await queueEmail(tx, { to: email, template: confirmAddressEmail, data: { email, token }, uniqueKey });
}
