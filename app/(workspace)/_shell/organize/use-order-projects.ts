import { useTranslations } from "next-intl";
import { toast } from "#app/_ui/overlays/toast.tsx";
import {
  useConversationActions,
  useConversationList,
} from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { orderProjectsAction } from "#app/(workspace)/_shell/conversations/organize-actions.ts";

/** Returns a function that moves a project to a place in the list. */
export function useOrderProjects(): (id: string, index: number) => Promise<void> {
  const t = useTranslations("shell.chats");
  const { list } = useConversationList();
  const { setProjects } = useConversationActions();
  return async (id, index) => {
    const before = list.projects;
    const moved = before.filter((one) => one.id === id);
    const rest = before.filter((one) => one.id !== id);
    const after = [...rest.slice(0, index), ...moved, ...rest.slice(index)];
    setProjects(() => after);
    const result = await orderProjectsAction({ ids: after.map((one) => one.id) }).catch(() => null);
    if (result?.ok === true) return;
    setProjects(() => before);
    toast(result?.message ?? t("offline"));
  };
}
