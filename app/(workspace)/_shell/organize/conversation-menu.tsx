"use client";

import { Archive, ArchiveRestore, FolderInput, ListChecks, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { DropdownMenuItem, DropdownMenuSeparator } from "#app/_ui/overlays/dropdown-menu.tsx";
import { useOrganizeDialog } from "#app/(workspace)/_shell/organize/organize-dialogs.tsx";
import { useOrganize } from "#app/(workspace)/_shell/organize/use-organize.ts";
import { ShareMenuItems } from "#app/(workspace)/_shell/sharing/share-menu-items.tsx";
import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";

type Props = {
  conversation: ListedConversation;
  onRename: () => void;
  /** Starts the selection of several conversations; only in the list. */
  onSelect?: () => void;
};

/** What can be done with a conversation: the items of the menus in the list and in the header. */
export function ConversationMenuItems({ conversation, onRename, onSelect }: Props) {
  const t = useTranslations("shell.chats");
  const organize = useOrganize();
  const openDialog = useOrganizeDialog();
  const { id, isPinned, isArchived } = conversation;
  return (
    <>
      <DropdownMenuItem onSelect={onRename}>
        <Pencil aria-hidden /> {t("rename")}
      </DropdownMenuItem>
      {!isArchived && (
        <DropdownMenuItem onSelect={() => organize.pin([id], !isPinned)}>
          {isPinned ? <PinOff aria-hidden /> : <Pin aria-hidden />} {t(isPinned ? "unpin" : "pin")}
        </DropdownMenuItem>
      )}
      <ShareMenuItems conversationId={id} />
      <DropdownMenuItem onSelect={() => openDialog({ type: "move", ids: [id] })}>
        <FolderInput aria-hidden /> {t("move")}
      </DropdownMenuItem>
      <DropdownMenuItem onSelect={() => organize.archive([id], !isArchived)}>
        {isArchived ? <ArchiveRestore aria-hidden /> : <Archive aria-hidden />}{" "}
        {t(isArchived ? "unarchive" : "archive")}
      </DropdownMenuItem>
      {onSelect !== undefined && (
        <DropdownMenuItem onSelect={onSelect}>
          <ListChecks aria-hidden /> {t("select")}
        </DropdownMenuItem>
      )}
      <DropdownMenuSeparator />
      <DropdownMenuItem onSelect={() => organize.remove([id])} className="text-danger">
        <Trash2 aria-hidden /> {t("delete")}
      </DropdownMenuItem>
    </>
  );
}
