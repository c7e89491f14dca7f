"use client";

import { Archive, ArchiveRestore, FolderInput, Trash2, X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "#app/_ui/button.tsx";
import { useOrganizeDialog } from "#app/(workspace)/_shell/organize/organize-dialogs.tsx";
import { useOrganize } from "#app/(workspace)/_shell/organize/use-organize.ts";

type Props = {
  ids: ReadonlySet<string>;
  isArchive: boolean;
  onSelectAll: () => void;
  onDone: () => void;
};

/** What can be done with the selected conversations. */
export default function SelectionBar({ ids, isArchive, onSelectAll, onDone }: Props) {
  const t = useTranslations("shell.chats");
  const organize = useOrganize();
  const openDialog = useOrganizeDialog();
  const isEmpty = ids.size === 0;
  const run = (work: (ids: string[]) => void) => () => {
    work([...ids]);
    onDone();
  };
  return (
    <div role="toolbar" aria-label={t("selection")} className="flex flex-col gap-1 border-t px-3 py-2">
      <div className="flex items-center justify-between gap-2 text-sm">
        <p role="status" className="px-2 font-medium">
          {t("selectedCount", { count: ids.size })}
        </p>
        <Button variant="ghost" size="sm" onClick={onSelectAll} className="text-muted-foreground">
          {t("selectAll")}
        </Button>
      </div>
      <div className="flex items-center justify-between">
        <Tool
          label={t("move")}
          disabled={isEmpty}
          onClick={run((all) => openDialog({ type: "move", ids: all }))}
        >
          <FolderInput aria-hidden />
        </Tool>
        <Tool
          label={t(isArchive ? "unarchive" : "archive")}
          disabled={isEmpty}
          onClick={run((all) => organize.archive(all, !isArchive))}
        >
          {isArchive ? <ArchiveRestore aria-hidden /> : <Archive aria-hidden />}
        </Tool>
        <Tool label={t("delete")} disabled={isEmpty} onClick={run(organize.remove)}>
          <Trash2 aria-hidden />
        </Tool>
        <Tool label={t("endSelection")} onClick={onDone}>
          <X aria-hidden />
        </Tool>
      </div>
    </div>
  );
}

type ToolProps = { label: string; disabled?: boolean; onClick: () => void; children: ReactNode };

function Tool({ label, disabled = false, onClick, children }: ToolProps) {
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}
