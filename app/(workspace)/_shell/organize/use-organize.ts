import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useMemo, useRef } from "react";
import { usePush } from "#app/_ui/offline-guard.tsx";
import { dismissToast, toast } from "#app/_ui/overlays/toast.tsx";
import { useConversationActions } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { changeConversationsAction } from "#app/(workspace)/_shell/conversations/organize-actions.ts";
import type { PendingChange } from "#app/(workspace)/_shell/conversations/pending-changes.ts";
import { renameConversationAction } from "#app/(workspace)/chat/actions.ts";
import type { ConversationChange } from "#lib/chat/conversations/change-conversations.ts";
import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";

type Change = Exclude<ConversationChange, { type: "read" }>;

export type Organize = {
  pin: (ids: string[], pinned: boolean) => void;
  archive: (ids: string[], archived: boolean) => void;
  /** @param projectId null moves out of the project */
  move: (ids: string[], projectId: string | null) => void;
  /** As `move`, without a word: the user has begun the conversations in the project. */
  file: (ids: string[], projectId: string) => void;
  remove: (ids: string[]) => void;
  rename: (conversation: ListedConversation, title: string) => void;
};

/**
 * Returns what a user can do with conversations. The list shows it at once, and goes back if the server
 * refuses; deleting, archiving and moving can be undone.
 */
export function useOrganize(): Organize {
  const t = useTranslations("shell.chats");
  const push = usePush();
  const pathname = useRef("");
  pathname.current = usePathname();
  const list = useConversationActions();
  return useMemo(() => {
    const apply = (ids: string[], change: Change): ListedConversation[] => {
      if (change.type === "delete" && change.deleted) return list.remove(ids);
      const before = list.read(ids);
      list.change(ids, fieldsOf(change));
      return before;
    };
    const run = async (ids: string[], change: Change): Promise<ListedConversation[] | null> => {
      const before = apply(ids, change);
      const pending = change.type === "delete" ? { isDeleted: change.deleted } : { fields: fieldsOf(change) };
      const forget = list.addPending(new Map(ids.map((id) => [id, pending])));
      const failed = (message: string) => {
        list.restore(before);
        toast(message);
        return null;
      };
      try {
        const result = await changeConversationsAction({ ids, change });
        return result.ok ? before : failed(result.message);
      } catch {
        return failed(t("offline"));
      } finally {
        forget();
      }
    };
    /** Brings back a former state, on the server too: conversations may have been in several projects. */
    const undo = async (before: ListedConversation[], change: Change) => {
      list.restore(before);
      const forget = list.addPending(new Map(before.map((one) => [one.id, formerOf(one)])));
      for (const [opposite, ids] of oppositesOf(change, before)) {
        const result = await changeConversationsAction({ ids, change: opposite }).catch(() => null);
        if (result?.ok !== true) toast(result?.message ?? t("offline"));
      }
      forget();
    };
    const runUndoable = async (ids: string[], change: Change, text: string) => {
      // Its offer to undo would now be taken for this change's.
      dismissToast();
      const before = await run(ids, change);
      if (before === null) return;
      toast(text, { action: { label: t("undo"), onClick: () => void undo(before, change) } });
    };
    return {
      pin: (ids, pinned) => void run(ids, { type: "pin", pinned }),
      archive: (ids, archived) => {
        const text = t(archived ? "archivedCount" : "unarchivedCount", { count: ids.length });
        void runUndoable(ids, { type: "archive", archived }, text);
      },
      move: (ids, projectId) =>
        void runUndoable(ids, { type: "move", projectId }, t("movedCount", { count: ids.length })),
      file: (ids, projectId) => void run(ids, { type: "move", projectId }),
      remove: (ids) => {
        if (ids.some((id) => pathname.current === `/chat/${id}`)) push("/chat");
        void runUndoable(ids, { type: "delete", deleted: true }, t("deletedCount", { count: ids.length }));
      },
      rename: async (conversation, title) => {
        const clean = title.replace(/\s+/g, " ").trim();
        if (clean === "" || clean === conversation.title) return;
        list.change([conversation.id], { title: clean });
        const forget = list.addPending(new Map([[conversation.id, { fields: { title: clean } }]]));
        const result = await renameConversationAction({ id: conversation.id, title: clean }).catch(
          () => null,
        );
        forget();
        if (result?.ok === true) return;
        list.change([conversation.id], { title: conversation.title });
        toast(result?.message ?? t("offline"));
      },
    };
  }, [list, push, t]);
}

function fieldsOf(change: Change): Partial<ListedConversation> {
  if (change.type === "pin") return { isPinned: change.pinned };
  if (change.type === "archive") return { isArchived: change.archived };
  if (change.type === "delete") return {};
  return { projectId: change.projectId, ...(change.projectId !== null && { isArchived: false }) };
}

/** The fields that a user changes in the list, as they are in a former state. */
function formerOf({ isPinned, isArchived, projectId }: ListedConversation): PendingChange {
  return { fields: { isPinned, isArchived, projectId }, isDeleted: false };
}

/** The changes that bring conversations back to their former state. */
function oppositesOf(change: Change, before: ListedConversation[]): [Change, string[]][] {
  const all = before.map(({ id }) => id);
  if (change.type === "pin") return [[{ type: "pin", pinned: !change.pinned }, all]];
  if (change.type === "delete") return [[{ type: "delete", deleted: false }, all]];
  if (change.type === "archive") {
    const changed = before.filter((one) => one.isArchived !== change.archived).map(({ id }) => id);
    return changed.length === 0 ? [] : [[{ type: "archive", archived: !change.archived }, changed]];
  }
  const byProject = Map.groupBy(before, ({ projectId }) => projectId);
  const moves = [...byProject].map(([projectId, those]): [Change, string[]] => [
    { type: "move", projectId },
    those.map(({ id }) => id),
  ]);
  const archived = before.filter(({ isArchived }) => isArchived).map(({ id }) => id);
  return archived.length === 0 ? moves : [...moves, [{ type: "archive", archived: true }, archived]];
}
