import { env } from "#lib/core/env.ts";
import { fieldProblem, invalidInput } from "#lib/core/errors.ts";
import { singleton } from "#lib/core/singleton.ts";

/** How many letters a password must have besides the words that everybody can guess. */
const minOwnLetters = 6;

/**
 * Refuses a new password that is common (49,000 known passwords, also with digits or signs around them), or
 * that consists of little more than the product's name, the user's name or email (S9).
 * @param field the form's field, for the error
 * @throws AppError `invalid_input` on the field
 */
export async function refuseWeakPassword(
  password: string,
  { email, name = "" }: { email: string; name?: string },
  field: "password" | "newPassword",
): Promise<void> {
  const lower = password.toLowerCase();
  const common = await commonPasswords();
  if (common.has(lower) || common.has(lower.replace(/^[^a-z]+|[^a-z]+$/g, "")))
    throw invalidInput([fieldProblem(field, "passwordCommon")]);
  const personal = [env().APP_NAME, email, ...email.split(/[@._+-]/), ...name.split(/\s+/)];
  const words = personal.map((word) => word.toLowerCase()).filter((word) => word.length >= 3);
  const isPersonal = words.some((word) => lower.includes(word));
  const own = words
    .toSorted((one, other) => other.length - one.length)
    .reduce((rest, word) => rest.replaceAll(word, ""), lower);
  if (isPersonal && own.replace(/[^\p{L}]/gu, "").length < minOwnLetters)
    throw invalidInput([fieldProblem(field, "passwordPersonal")]);
}

/** Loaded with the first new password, because the list takes some megabytes. */
function commonPasswords(): Promise<Set<string>> {
  return singleton("passwords.common", async () => {
    const { dictionary } = await import("@zxcvbn-ts/language-common");
    return new Set(dictionary["passwords-common"].map(String));
  });
}
