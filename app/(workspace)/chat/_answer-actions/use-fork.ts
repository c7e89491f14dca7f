import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useRef } from "react";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { newUuid } from "#app/(workspace)/chat/_stream/create-turn.ts";
import { forkConversationAction } from "#app/(workspace)/chat/actions.ts";

/**
 * Returns a function that copies the branch up to a message into a new chat and opens it. After a failure the
 * same id is sent again, so that a lost response leaves no second copy.
 */
export function useFork(): (messageId: string) => void {
  const t = useTranslations("chat.sendError");
  const router = useRouter();
  const ids = useRef(new Map<string, string>());
  const running = useRef(false);
  return useCallback(
    async (messageId: string) => {
      if (running.current) return;
      running.current = true;
      const conversationId = ids.current.get(messageId) ?? newUuid();
      ids.current.set(messageId, conversationId);
      const result = await forkConversationAction({ messageId, conversationId }).catch(() => null);
      running.current = false;
      if (result === null) return toast(t("unreachable"));
      if (!result.ok) return toast(result.message);
      ids.current.delete(messageId);
      router.push(`/chat/${conversationId}`);
    },
    [router, t],
  );
}
