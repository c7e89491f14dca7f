import { useTranslations } from "next-intl";
import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";

type Translate = {
  (key: string, values?: NonNullable<Problem["reason"]>["values"]): string;
  has: (key: string) => boolean;
};

/** The text of a problem in the reader's language. */
export function useProblemText({ code, reason }: Problem): string {
  const t = useTranslations("chat.sendError");
  // The server names the message and its parameters; a newer one may name a message that is not here yet.
  const errors = useTranslations("errors") as unknown as Translate;
  if (code === "offline") return t("unreachable");
  const key = reason?.key ?? `codes.${code}`;
  return errors.has(key) ? errors(key, reason?.values) : errors("codes.internal");
}
