import { getTranslations } from "next-intl/server";
import type { AppError, ErrorCode, ErrorReason, FieldProblem } from "#lib/core/errors.ts";

/** An error as screens show it. */
export type LocalizedError = { code: ErrorCode; message: string; fields?: FieldProblem[] };

type Ids = { requestId: string; traceId?: string };

/**
 * Returns the public part of an error with its texts in the reader's language.
 * @param ids appended to the message of an error that the reader cannot correct, for questions to the support
 */
export async function localizeError(error: AppError, ids?: Ids): Promise<LocalizedError> {
  const { code, level, reason, fields } = error;
  const message = reason === undefined ? error.message : await localizeReason(reason);
  return {
    code,
    message: ids === undefined || level === "info" ? message : `${message} ${await describeIds(ids)}`,
    ...(fields && { fields: await Promise.all(fields.map(localizeField)) }),
  };
}

async function describeIds({ requestId, traceId }: Ids): Promise<string> {
  const t = await getTranslations("controls.error");
  return traceId === undefined ? t("request", { requestId }) : t("trace", { requestId, traceId });
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
