import { hash, type Options, parseOptions, verify } from "@node-rs/argon2";
import { z } from "zod";
import { singleton } from "#lib/core/singleton.ts";

/** A new password: length limits only, no rules about characters. The maximum limits the cost of hashing. */
export const passwordSchema = z.string().min(10).max(200);

/**
 * Argon2id with 19 MiB and two passes (OWASP password storage cheat sheet); argon2id is the library's
 * default. Takes about 30 ms of CPU time.
 */
export const argon2Cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } satisfies Options;

/** Hashes a password for storage. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, argon2Cost);
}

/**
 * Verifies a password. Without a hash (unknown address, or no password set), a dummy hash is verified, so
 * that the response time does not reveal whether the account exists.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const matches = await verify(passwordHash ?? (await dummyHash()), password);
  return matches && passwordHash !== null;
}

/** Whether a hash has outdated costs and should be replaced at the next sign-in. */
export function needsRehash(passwordHash: string): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
  return (
    memoryCost !== argon2Cost.memoryCost ||
    timeCost !== argon2Cost.timeCost ||
    parallelism !== argon2Cost.parallelism
  );
}

function dummyHash(): Promise<string> {
  return singleton("password.dummy-hash", () => hashPassword(crypto.randomUUID()));
}
