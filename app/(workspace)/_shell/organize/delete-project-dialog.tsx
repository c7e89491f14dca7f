"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import {
  AlertDialog,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogHeader,
  AlertDialogTitle,
} from "#app/_ui/overlays/alert-dialog.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { useConversationActions } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import {
  changeConversationsAction,
  deleteProjectAction,
} from "#app/(workspace)/_shell/conversations/organize-actions.ts";
import type { ProjectLine } from "#lib/chat/conversations/projects.ts";

/** How many deleted conversations one request restores. */
const maxChangedAtOnce = 1_000;

/** Deletes a project after the choice of what happens to its conversations. */
export default function DeleteProjectDialog({
  project,
  onClose,
}: {
  project: ProjectLine;
  onClose: () => void;
}) {
  const t = useTranslations("shell.projects");
  const chats = useTranslations("shell.chats");
  const { removeProject, restore, read } = useConversationActions();
  const [isDeleting, setDeleting] = useState(false);
  const remove = async (deletesChats: boolean) => {
    setDeleting(true);
    const result = await deleteProjectAction({ id: project.id, deletesChats }).catch(() => null);
    setDeleting(false);
    if (result?.ok !== true) return toast(result?.message ?? chats("offline"));
    const before = read(result.value).map((one) => ({ ...one, projectId: null }));
    removeProject(project.id, result.value);
    onClose();
    const undo = async () => {
      restore(before);
      const change = { type: "delete" as const, deleted: false };
      const restored = await changeConversationsAction({ ids: result.value, change }).catch(() => null);
      if (restored?.ok !== true) toast(restored?.message ?? chats("offline"));
    };
    const canRestore = result.value.length > 0 && result.value.length <= maxChangedAtOnce;
    toast(t("deleted", { name: project.name }), {
      ...(canRestore && { action: { label: t("restoreChats"), onClick: () => void undo() } }),
    });
  };
  return (
    <AlertDialog open onOpenChange={(open) => !open && onClose()}>
      <AlertDialogContent>
        <AlertDialogHeader>
          <AlertDialogTitle>{t("deleteTitle", { name: project.name })}</AlertDialogTitle>
          <AlertDialogDescription>{t("deleteDescription")}</AlertDialogDescription>
        </AlertDialogHeader>
        <AlertDialogFooter>
          <AlertDialogCancel>{t("cancel")}</AlertDialogCancel>
          <Button variant="destructive" disabled={isDeleting} onClick={() => remove(true)}>
            {t("deleteChats")}
          </Button>
          <Button disabled={isDeleting} onClick={() => remove(false)}>
            {t("keepChats")}
          </Button>
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}
