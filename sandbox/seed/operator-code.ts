import { Secret, TOTP } from "otpauth";
import { seedTotpKey } from "#sandbox/seed/seed-users.ts";

/** Returns the demo operator's code of the second factor at a time. */
export function operatorCode(at: Date): string {
  return TOTP.generate({ secret: Secret.fromBase32(seedTotpKey), timestamp: at.getTime() });
}

if (import.meta.main) process.stdout.write(`${operatorCode(new Date())}\n`);
