import { setTimeout } from "node:timers/promises";
import { db, type Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { addressDigest, nameFromAddress } from "#lib/accounts/email-address.ts";
import { issueToken } from "#lib/accounts/email-tokens.ts";
import { alreadyMemberLetter, verifyEmailLetter } from "#lib/accounts/letters.ts";
import { queueMail } from "#lib/accounts/mail.ts";
import { hashPassword, verifyPassword } from "#lib/accounts/password.ts";
import type { Claims } from "#lib/accounts/sessions.ts";
import { startSession } from "#lib/accounts/sign-in.ts";
import { limitAttempts, mayAnswerAtOnce, type Origin } from "#lib/accounts/sign-in-limits.ts";
import { type Account, createUser, findByEmail } from "#lib/accounts/users.ts";

/** What came of a sign-up: a session, or "check your mail", which says the same of a known and an unknown address. */
export type SignUpOutcome = { claims: Claims } | { claims: null };

type NewPerson = { email: string; password: string; origin: Origin };
const quarterHourMs = 15 * 60_000;
const steadyMs = 600;

/**
 * Signs a new person up, and in at once: they can chat before they have read a letter.
 *
 * A product that lets a fresh address in at once shows, to whoever tries, that a refused one is taken. That cannot be
 * hidden without making everybody wait for a letter, so it is made useless instead. A network gets a few answers at once;
 * after that, and always for a taken address with another password, the answer is "check your mail", in the same
 * time and the same words. A probe that succeeds leaves an account and a letter behind, one that fails a letter to the
 * owner. Whoever signs up again with the right password is simply signed in.
 * @throws AppError `too_many_requests`
 */
export async function signUp(input: NewPerson, at: Date): Promise<SignUpOutcome> {
  const startedAt = performance.now();
  const outcome = await attemptSignUp(input, at);
  // A known and an unknown address take different work; whoever only learns "check your mail" learns no time either.
  if (outcome.claims === null) await setTimeout(Math.max(0, steadyMs - (performance.now() - startedAt)));
  return outcome;
}

async function attemptSignUp(input: NewPerson, at: Date): Promise<SignUpOutcome> {
  const { email, password, origin } = input;
  await limitAttempts(db(), "signUp", { email, network: origin.network }, at);
  const atOnce = await mayAnswerAtOnce(db(), origin.network, at);
  const known = await findByEmail(db(), email);
  if (known !== null) return answerKnown(known, input, atOnce, at);
  const passwordHash = await hashPassword(password);
  const outcome = await db().transaction((tx) => addPerson(tx, input, passwordHash, atOnce, at));
  if (outcome !== null) return outcome;
  // The same person pressed twice, or two people chose one address in the same instant: the other one was first.
  const first = await findByEmail(db(), email);
  return first === null ? { claims: null } : answerKnown(first, input, atOnce, at);
}

/** @returns null when somebody else took the address in the same instant */
async function addPerson(
  tx: Tx,
  { email, origin }: NewPerson,
  passwordHash: string,
  atOnce: boolean,
  at: Date,
): Promise<SignUpOutcome | null> {
  const added = await createUser(tx, { email, name: nameFromAddress(email), passwordHash }, at);
  if (added === null) return null;
  const { userId, workspaceId } = added;
  await recordAudit(tx, { action: "user.created", actorUserId: userId, workspaceId, target: userId }, at);
  await queueVerification(tx, { email, userId }, at);
  return { claims: atOnce ? await startSession(tx, userId, "sign_up", origin, at) : null };
}

async function answerKnown(
  account: Account,
  { email, password, origin }: NewPerson,
  atOnce: boolean,
  at: Date,
): Promise<SignUpOutcome> {
  const right = await verifyPassword(account.passwordHash, password);
  if (right && atOnce) {
    const claims = await db().transaction((tx) => startSession(tx, account.userId, "password", origin, at));
    return { claims };
  }
  const uniqueKey = `already-member:${addressDigest(email)}:${Math.floor(at.getTime() / quarterHourMs)}`;
  await queueMail(db(), { to: email, template: alreadyMemberLetter, data: { email }, uniqueKey });
  return { claims: null };
}

/** Writes the letter that asks whether an address is the person's own. */
export async function queueVerification(
  tx: Tx,
  holder: { email: string; userId: string },
  at: Date,
): Promise<void> {
  const token = await issueToken(tx, "verify_email", holder, at);
  const { email } = holder;
  const uniqueKey = `verify-email:${addressDigest(token)}`;
  await queueMail(tx, { to: email, template: verifyEmailLetter, data: { email, token }, uniqueKey });
}
