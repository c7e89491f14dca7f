import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { and, asc, eq } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";
import { passkeys } from "#db/schema/sign-in.ts";
import { storeChallenge, takeChallenge } from "#lib/accounts/second-factors/passkey-challenges.ts";
import { env } from "#lib/core/env.ts";
import { AppError, errorReason, notFound } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";

/** A passkey in the list of passkeys. */
export type PasskeySummary = { id: string; name: string; createdAt: Date; lastUsedAt: Date | null };

const maxPasskeys = 20;
const base64url = z.string().max(20_000);
const transport = z.enum(["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"]);
const credential = {
  id: z.string().max(1_400),
  rawId: z.string().max(1_400),
  type: z.literal("public-key"),
  clientExtensionResults: z.record(z.string(), z.unknown()).transform(() => ({})),
};

/** The browser's response to the options of `startRegistration`. */
export const registrationResponseSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string()).max(10).optional(),
  }),
});
export type RegistrationResponse = z.infer<typeof registrationResponseSchema>;

/** The browser's response to the options of `startAuthentication`. */
export const authenticationResponseSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.optional(),
  }),
});
export type AuthenticationResponse = z.infer<typeof authenticationResponseSchema>;

/** The name and the origin that passkeys are bound to. */
function relyingParty() {
  const { hostname, origin } = new URL(env().APP_URL);
  return { rpId: hostname, origin };
}

/** Lists the passkeys of a user, oldest first. */
export async function listPasskeys(tx: Tx, userId: string): Promise<PasskeySummary[]> {
  return tx
    .select({
      id: passkeys.id,
      name: passkeys.name,
      createdAt: passkeys.createdAt,
      lastUsedAt: passkeys.lastUsedAt,
    })
    .from(passkeys)
    .where(eq(passkeys.userId, userId))
    .orderBy(asc(passkeys.createdAt));
}

/**
 * Returns the options for the browser to create a passkey.
 * @throws AppError `conflict` if the user has 20 passkeys
 */
export async function startRegistration(
  tx: Tx,
  user: { userId: string; sessionId: string; email: string; name: string },
  at: Date,
) {
  const existing = await tx.select().from(passkeys).where(eq(passkeys.userId, user.userId));
  if (existing.length >= maxPasskeys)
    throw new AppError("conflict", { reason: errorReason("tooManyPasskeys", { max: maxPasskeys }) });
  const options = await generateRegistrationOptions({
    rpName: env().APP_NAME,
    rpID: relyingParty().rpId,
    userName: user.email,
    userDisplayName: user.name,
    userID: new Uint8Array(Buffer.from(user.userId)),
    attestationType: "none",
    excludeCredentials: existing.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
  await storeChallenge(tx, "register", user.sessionId, options.challenge, at);
  return options;
}

/** A passkey that the browser has created and that is not stored yet. */
type NewPasskey = Pick<typeof passkeys.$inferInsert, "credentialId" | "publicKey" | "counter" | "transports">;

/**
 * Verifies the browser's response to `startRegistration`, once. Call it outside of a transaction, so that a
 * refused response uses up the challenge too.
 * @throws AppError `unauthenticated` if the challenge was used or has expired, or the response does not
 *   answer it
 */
export async function verifyRegistration(
  tx: Tx,
  sessionId: string,
  response: RegistrationResponse,
  at: Date,
): Promise<NewPasskey> {
  const expectedChallenge = await takeChallenge(tx, "register", sessionId, at);
  const { rpId, origin } = relyingParty();
  const { registrationInfo } = await verifyRegistrationResponse({
    response: { ...response, response: { ...response.response, transports: toTransports(response) } },
    expectedChallenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
  }).catch(rejectResponse);
  if (registrationInfo === undefined) return rejectResponse();
  const { id: credentialId, publicKey, counter } = registrationInfo.credential;
  const transports = toTransports(response);
  return { credentialId, publicKey: Buffer.from(publicKey).toString("base64url"), counter, transports };
}

/**
 * Stores a passkey.
 * @throws AppError `conflict` if it belongs to an account already
 */
export async function insertPasskey(
  tx: Tx,
  userId: string,
  passkey: NewPasskey & { name: string },
  at: Date,
): Promise<{ id: string }> {
  const id = newId();
  const added = await tx
    .insert(passkeys)
    .values({ id, userId, ...passkey, createdAt: at })
    .onConflictDoNothing({ target: passkeys.credentialId })
    .returning({ id: passkeys.id });
  if (added.length === 0) throw new AppError("conflict", { reason: errorReason("passkeyExists") });
  return { id };
}

/**
 * Returns the options for the browser to sign in with a passkey.
 * @param holder the id of the browser, session or pending sign-in that will send the response
 * @param userId whose passkeys are offered; null for any passkey that the browser has for this site
 */
export async function startAuthentication(tx: Tx, holder: string, userId: string | null, at: Date) {
  const own = userId === null ? [] : await tx.select().from(passkeys).where(eq(passkeys.userId, userId));
  const options = await generateAuthenticationOptions({
    rpID: relyingParty().rpId,
    userVerification: "required",
    allowCredentials: own.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
  });
  await storeChallenge(tx, "authenticate", holder, options.challenge, at);
  return options;
}

/**
 * Verifies a response to `startAuthentication`, once.
 * @returns the user whose passkey signed it
 * @throws AppError `unauthenticated` if the passkey is unknown or the response does not answer the challenge
 */
export async function verifyPasskey(
  tx: Tx,
  holder: string,
  response: AuthenticationResponse,
  at: Date,
): Promise<{ userId: string }> {
  const expectedChallenge = await takeChallenge(tx, "authenticate", holder, at);
  const [passkey] = await tx.select().from(passkeys).where(eq(passkeys.credentialId, response.id));
  if (passkey === undefined) throw new AppError("unauthenticated", { reason: errorReason("passkeyUnknown") });
  const { rpId, origin } = relyingParty();
  const { userHandle, ...rest } = response.response;
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: { ...response, response: { ...rest, ...(userHandle !== undefined && { userHandle }) } },
    expectedChallenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    credential: {
      id: passkey.credentialId,
      publicKey: new Uint8Array(Buffer.from(passkey.publicKey, "base64url")),
      counter: passkey.counter,
    },
  }).catch(rejectResponse);
  if (!verified) return rejectResponse();
  await tx
    .update(passkeys)
    .set({ counter: authenticationInfo.newCounter, lastUsedAt: at })
    .where(eq(passkeys.id, passkey.id));
  return { userId: passkey.userId };
}

/** Changes a passkey's name. @throws AppError `not_found` if it is another user's */
export async function renamePasskey(tx: Tx, userId: string, id: string, name: string): Promise<void> {
  const renamed = await tx.update(passkeys).set({ name }).where(isOwn(userId, id)).returning();
  if (renamed.length === 0) throw notFound("passkey");
}

/** Removes a passkey. @throws AppError `not_found` if it is another user's */
export async function removePasskey(tx: Tx, userId: string, id: string): Promise<void> {
  const removed = await tx.delete(passkeys).where(isOwn(userId, id)).returning();
  if (removed.length === 0) throw notFound("passkey");
}

function isOwn(userId: string, id: string) {
  return and(eq(passkeys.userId, userId), eq(passkeys.id, id));
}

/** The transports that we know; they are hints for the browser. */
function toTransports({ response }: RegistrationResponse) {
  return (response.transports ?? []).flatMap((name) => transport.safeParse(name).data ?? []);
}

/** The library throws an Error with details for every response that does not match. */
function rejectResponse(cause?: unknown): never {
  throw new AppError("unauthenticated", { reason: errorReason("passkeyRejected"), cause });
}
