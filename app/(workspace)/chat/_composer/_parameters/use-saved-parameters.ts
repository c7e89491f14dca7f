import { useTranslations } from "next-intl";
import { useCallback, useEffect, useRef } from "react";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { setParametersAction } from "#app/(workspace)/chat/actions.ts";
import type { AnswerParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";

/** A slider sends many values; the last one is stored after this pause. */
const pauseMs = 300;

type SaveParameters = (parameters: AnswerParameters, forNewChats?: boolean) => Promise<boolean>;

export type StoredFor = "chat" | "newChats" | "none";

/**
 * Returns a function that stores parameters on the server, for the chat or for new chats; for new chats, too,
 * when asked for. It resolves to whether they were stored; a newer call replaces one that waits.
 */
export function useSavedParameters(conversationId: string, storedFor: StoredFor): SaveParameters {
  const t = useTranslations("chat.sendError");
  const waiting = useRef<{ timer: ReturnType<typeof setTimeout>; run: () => void } | null>(null);
  // A change is stored even if the page is left within the pause.
  useEffect(
    () => () => {
      if (waiting.current === null) return;
      clearTimeout(waiting.current.timer);
      waiting.current.run();
    },
    [],
  );
  return useCallback(
    (parameters, forNewChats = false) =>
      new Promise((resolve) => {
        if (waiting.current !== null) clearTimeout(waiting.current.timer);
        const run = async () => {
          waiting.current = null;
          if (storedFor === "none") return resolve(false);
          const request = {
            conversationId: storedFor === "chat" ? conversationId : null,
            parameters,
            forNewChats: forNewChats || storedFor === "newChats",
          };
          const result = await setParametersAction(request).catch(() => null);
          if (!result?.ok) toast(result?.message ?? t("unreachable"));
          resolve(result?.ok === true);
        };
        waiting.current = { timer: setTimeout(run, pauseMs), run };
      }),
    [conversationId, storedFor, t],
  );
}
