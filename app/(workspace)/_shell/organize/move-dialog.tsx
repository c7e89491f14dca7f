"use client";

import { Check, Folder, FolderMinus, FolderPlus } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "#app/_ui/overlays/dialog.tsx";
import {
  useConversationActions,
  useConversationList,
} from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { useOrganize } from "#app/(workspace)/_shell/organize/use-organize.ts";

type Props = { ids: string[]; onNewProject: () => void; onClose: () => void };

/** Chooses the project of conversations: a list of all projects, a new one, or none. */
export default function MoveDialog({ ids, onNewProject, onClose }: Props) {
  const t = useTranslations("shell.projects");
  const { list } = useConversationList();
  const { read } = useConversationActions();
  const organize = useOrganize();
  const current = new Set(read(ids).map(({ projectId }) => projectId));
  const only = current.size === 1 ? [...current][0] : undefined;
  const move = (projectId: string | null) => {
    onClose();
    organize.move(ids, projectId);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent className="max-w-sm">
        <DialogHeader>
          <DialogTitle>{t("moveTitle", { count: ids.length })}</DialogTitle>
          <DialogDescription className="sr-only">{t("moveDescription")}</DialogDescription>
        </DialogHeader>
        <ul className="-mx-2 flex flex-col">
          {list.projects.map(({ id, name }) => (
            <Choice key={id} onClick={() => move(id)} isCurrent={only === id}>
              <Folder aria-hidden className="size-4 shrink-0 text-muted-foreground" />
              <span dir="auto" className="truncate">
                {name}
              </span>
            </Choice>
          ))}
          <Choice onClick={onNewProject}>
            <FolderPlus aria-hidden className="size-4 shrink-0 text-accent" /> {t("new")}
          </Choice>
          {!(current.size === 1 && current.has(null)) && (
            <Choice onClick={() => move(null)}>
              <FolderMinus aria-hidden className="size-4 shrink-0 text-muted-foreground" /> {t("leave")}
            </Choice>
          )}
        </ul>
      </DialogContent>
    </Dialog>
  );
}

type ChoiceProps = { onClick: () => void; isCurrent?: boolean; children: ReactNode };

function Choice({ onClick, isCurrent = false, children }: ChoiceProps) {
  const t = useTranslations("shell.projects");
  return (
    <li>
      <button
        type="button"
        onClick={onClick}
        disabled={isCurrent}
        className="flex min-h-11 w-full items-center gap-3 rounded-lg px-2 text-left text-sm enabled:hover:bg-muted"
      >
        {children}
        {isCurrent && (
          <span className="ml-auto flex items-center gap-1.5 text-muted-foreground text-xs">
            <Check aria-hidden className="size-4" /> {t("current")}
          </span>
        )}
      </button>
    </li>
  );
}
