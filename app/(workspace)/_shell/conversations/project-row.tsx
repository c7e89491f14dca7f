"use client";

import { ArrowDown, ArrowUp, ChevronRight, Ellipsis, Folder, Pencil, SquarePen, Trash2 } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { cn } from "#app/_ui/cn.ts";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "#app/_ui/overlays/dropdown-menu.tsx";
import {
  useConversationActions,
  useConversationList,
} from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { projectType } from "#app/(workspace)/_shell/conversations/drag-types.ts";
import type { ListRow } from "#app/(workspace)/_shell/conversations/list-rows.ts";
import { useOrganizeDialog } from "#app/(workspace)/_shell/organize/organize-dialogs.tsx";
import { useOrderProjects } from "#app/(workspace)/_shell/organize/use-order-projects.ts";

type Props = { row: Extract<ListRow, { kind: "project" }>; isTabStop: boolean };

/** A project in the list: a button that shows or hides its conversations, with a menu. */
export function ProjectRow({ row, isTabStop }: Props) {
  const t = useTranslations("shell.projects");
  const { project, isOpen, key } = row;
  const { toggleProject } = useConversationActions();
  const { list } = useConversationList();
  const openDialog = useOrganizeDialog();
  const order = useOrderProjects();
  const index = list.projects.findIndex(({ id }) => id === project.id);
  return (
    <>
      <button
        type="button"
        data-row={key}
        data-project={project.id}
        tabIndex={isTabStop ? 0 : -1}
        aria-expanded={isOpen}
        draggable
        onDragStart={(event) => event.dataTransfer.setData(projectType, project.id)}
        onClick={() => toggleProject(project.id, !isOpen)}
        className="flex size-full min-w-0 items-center gap-2 rounded-lg pr-9 pl-2 text-left text-sm hover:bg-background"
      >
        <ChevronRight
          aria-hidden
          className={cn("-mr-1 size-3.5 shrink-0 text-muted-foreground", isOpen && "rotate-90")}
        />
        <Folder aria-hidden className="size-4 shrink-0 text-muted-foreground" />
        <span dir="auto" className="truncate">
          {project.name}
        </span>
      </button>
      <DropdownMenu>
        <DropdownMenuTrigger
          aria-label={t("actionsFor", { name: project.name })}
          data-row-menu={key}
          tabIndex={-1}
          className="-translate-y-1/2 absolute top-1/2 right-1 flex size-7 items-center justify-center rounded-md text-muted-foreground opacity-0 hover:bg-muted hover:text-foreground focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 pointer-coarse:size-11 pointer-coarse:opacity-100"
        >
          <Ellipsis aria-hidden className="size-4" />
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem asChild>
            <Link href={`/chat?project=${project.id}`}>
              <SquarePen aria-hidden /> {t("newChat")}
            </Link>
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => openDialog({ type: "renameProject", project })}>
            <Pencil aria-hidden /> {t("rename")}
          </DropdownMenuItem>
          {!row.isFirst && (
            <DropdownMenuItem onSelect={() => order(project.id, index - 1)}>
              <ArrowUp aria-hidden /> {t("moveUp")}
            </DropdownMenuItem>
          )}
          {!row.isLast && (
            <DropdownMenuItem onSelect={() => order(project.id, index + 1)}>
              <ArrowDown aria-hidden /> {t("moveDown")}
            </DropdownMenuItem>
          )}
          <DropdownMenuSeparator />
          <DropdownMenuItem
            onSelect={() => openDialog({ type: "deleteProject", project })}
            className="text-danger"
          >
            <Trash2 aria-hidden /> {t("delete")}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
    </>
  );
}
