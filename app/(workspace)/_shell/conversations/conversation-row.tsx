"use client";

import { Ellipsis } from "lucide-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type DragEvent, type MouseEvent, useState } from "react";
import { cn } from "#app/_ui/cn.ts";
import { DropdownMenu, DropdownMenuContent, DropdownMenuTrigger } from "#app/_ui/overlays/dropdown-menu.tsx";
import { chatsType } from "#app/(workspace)/_shell/conversations/drag-types.ts";
import type { ListRow } from "#app/(workspace)/_shell/conversations/list-rows.ts";
import { RenameForm } from "#app/(workspace)/_shell/conversations/rename-form.tsx";
import { ConversationMenuItems } from "#app/(workspace)/_shell/organize/conversation-menu.tsx";
import { useOrganize } from "#app/(workspace)/_shell/organize/use-organize.ts";
import { PrefetchLink } from "#app/(workspace)/_shell/prefetch-link.tsx";

/** Several conversations that are being selected. */
export type Selection = {
  ids: ReadonlySet<string>;
  toggle: (id: string, isRange: boolean) => void;
};

type Props = {
  row: Extract<ListRow, { kind: "conversation" }>;
  isTabStop: boolean;
  /** Null while nothing is being selected. */
  selection: Selection | null;
  onSelect: (id: string) => void;
};

const rowClasses =
  "flex size-full min-w-0 items-center gap-2 rounded-lg pr-9 pl-2 text-left text-sm hover:bg-background";

/** A conversation in the list: a link with a menu, or a checkbox while conversations are being selected. */
export function ConversationRow({ row, isTabStop, selection, onSelect }: Props) {
  const t = useTranslations("shell.chats");
  const { item, key, section } = row;
  const isCurrent = usePathname() === `/chat/${item.id}`;
  const [isRenaming, setRenaming] = useState(false);
  const organize = useOrganize();
  if (isRenaming)
    return (
      <RenameForm
        title={item.title}
        onSave={(title) => organize.rename(item, title)}
        onDone={() => setRenaming(false)}
      />
    );
  const tabIndex = isTabStop ? 0 : -1;
  const indent = section?.startsWith("project:") === true && "pl-8";
  if (selection !== null) {
    const isSelected = selection.ids.has(item.id);
    return (
      // biome-ignore lint/a11y/useSemanticElements: an input has no content and cannot be dragged
      <button
        type="button"
        role="checkbox"
        aria-checked={isSelected}
        data-row={key}
        tabIndex={tabIndex}
        onClick={(event: MouseEvent) => selection.toggle(item.id, event.shiftKey)}
        draggable
        onDragStart={(event) => startDrag(event, isSelected ? [...selection.ids] : [item.id])}
        className={cn(rowClasses, indent, isSelected && "bg-accent-soft hover:bg-accent-soft")}
      >
        <CheckMark isChecked={isSelected} />
        <Title row={row} />
      </button>
    );
  }
  return (
    <>
      <PrefetchLink
        href={`/chat/${item.id}`}
        aria-current={isCurrent ? "page" : undefined}
        data-row={key}
        data-conversation={item.id}
        tabIndex={tabIndex}
        onDragStart={(event) => startDrag(event, [item.id])}
        className={cn(rowClasses, indent, isCurrent && "bg-background font-medium")}
      >
        <Title row={row} />
      </PrefetchLink>
      <DropdownMenu>
        <DropdownMenuTrigger
          aria-label={t("actionsFor", { title: item.title })}
          data-row-menu={key}
          tabIndex={-1}
          className="-translate-y-1/2 absolute top-1/2 right-1 flex size-7 items-center justify-center rounded-md text-muted-foreground opacity-0 hover:bg-muted hover:text-foreground focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 pointer-coarse:size-11 pointer-coarse:opacity-100"
        >
          <Ellipsis aria-hidden className="size-4" />
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <ConversationMenuItems
            conversation={item}
            onRename={() => setRenaming(true)}
            onSelect={() => onSelect(item.id)}
          />
        </DropdownMenuContent>
      </DropdownMenu>
    </>
  );
}

function Title({ row: { item } }: Pick<Props, "row">) {
  const t = useTranslations("shell.chats");
  return (
    <>
      <span dir="auto" className={cn("truncate", item.isUnread && "font-semibold")}>
        {item.title}
      </span>
      {item.running !== null ? (
        <span className="size-1.5 shrink-0 animate-pulse rounded-full bg-accent">
          <span className="sr-only">{t("answering")}</span>
        </span>
      ) : (
        item.isUnread && (
          <span className="size-2 shrink-0 rounded-full bg-accent">
            <span className="sr-only">{t("unread")}</span>
          </span>
        )
      )}
    </>
  );
}

function CheckMark({ isChecked }: { isChecked: boolean }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      className={cn(
        "size-4 shrink-0 rounded border border-input",
        isChecked && "border-accent bg-accent text-accent-foreground",
      )}
    >
      {isChecked && <path d="m3.5 8.5 3 3 6-7" fill="none" stroke="currentColor" strokeWidth="2" />}
    </svg>
  );
}

function startDrag(event: DragEvent, ids: string[]): void {
  event.dataTransfer.setData(chatsType, JSON.stringify(ids));
  event.dataTransfer.effectAllowed = "copyMove";
}
