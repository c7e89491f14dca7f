import { hash, type Options, parseOptions, verify } from "@node-rs/argon2";
import { z } from "zod";
import { singleton } from "#lib/core/singleton.ts";

/** A password somebody chooses: long enough, and not so long that hashing it is a burden. No rules about its letters. */
export const passwordSchema = z
  .string()
  .min(10, "Use at least 10 characters.")
  .max(200, "Use at most 200 characters.");

/**
 * Argon2id with 19 MiB and two passes (OWASP, password storage cheat sheet); argon2id is the library's default kind.
 * About 30 ms of one core.
 */
export const argon2Cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } satisfies Options;

/** The form in which a password is stored. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, argon2Cost);
}

/**
 * Whether a password is the right one. Without a hash (nobody has this address, or they have no password) the same work
 * is done on a hash that no password fits, so that the time taken tells nothing.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const right = await verify(passwordHash ?? (await hashOfNobody()), password);
  return right && passwordHash !== null;
}

/** Whether a hash was made with other costs than today's and should be made again while the password is at hand. */
export function needsRehash(passwordHash: string): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
  return (
    memoryCost !== argon2Cost.memoryCost ||
    timeCost !== argon2Cost.timeCost ||
    parallelism !== argon2Cost.parallelism
  );
}

function hashOfNobody(): Promise<string> {
  return singleton("password.hash-of-nobody", () => hashPassword(crypto.randomUUID()));
}
