import { getTranslations } from "next-intl/server";
import type { AppError, ErrorCode, ErrorReason, FieldProblem } from "#lib/core/errors.ts";

/** An error as screens show it. */
export type LocalizedError = { code: ErrorCode; message: string; fields?: FieldProblem[] };

/** Returns the public part of an error with its texts in the reader's language. */
export async function localizeError({ code, reason, message, fields }: AppError): Promise<LocalizedError> {
  return {
    code,
    message: reason === undefined ? message : await localizeReason(reason),
    ...(fields && { fields: await Promise.all(fields.map(localizeField)) }),
  };
}

/** Returns the text of a reason in the reader's language. */
export async function localizeReason({ key, values }: ErrorReason): Promise<string> {
  const t = await getTranslations("errors");
  // The functions that create reasons check the parameters.
  return (t as (key: string, values?: ErrorReason["values"]) => string)(key, values);
}

async function localizeField({ path, message, reason }: FieldProblem): Promise<FieldProblem> {
  return { path, message: reason === undefined ? message : await localizeReason(reason) };
}
