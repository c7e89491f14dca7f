"use client";

import { FolderPlus } from "lucide-react";
import { useTranslations } from "next-intl";
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { cn } from "#app/_ui/cn.ts";
import { isComposing } from "#app/_ui/is-composing.ts";
import { ConversationRow, type Selection } from "#app/(workspace)/_shell/conversations/conversation-row.tsx";
import {
  useConversationActions,
  useConversationList,
} from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import {
  flattenGroups,
  isPlain,
  type ListGroup,
  type ListRow,
  newProjectKey,
} from "#app/(workspace)/_shell/conversations/list-rows.ts";
import { ProjectRow } from "#app/(workspace)/_shell/conversations/project-row.tsx";
import { useListDrop } from "#app/(workspace)/_shell/conversations/use-list-drop.ts";
import { useRowKeys } from "#app/(workspace)/_shell/conversations/use-row-keys.ts";
import { useRowWindow } from "#app/(workspace)/_shell/conversations/use-row-window.ts";
import { useOrganizeDialog } from "#app/(workspace)/_shell/organize/organize-dialogs.tsx";
import type { Section } from "#lib/chat/conversations/sections.ts";

type Props = {
  label: string;
  groups: ListGroup[];
  /** Shown instead of an empty list. */
  empty: ReactNode;
  currentId: string | null;
  selection: Selection | null;
  onSelect: (id: string) => void;
};

/**
 * The rows of all groups in one scrolling list, of which only those in view are in the document. The list is
 * one tab stop; arrow keys move in it.
 */
export function ListView({ label, groups, empty, currentId, selection, onSelect }: Props) {
  const frame = useRef<HTMLElement>(null);
  const flat = useMemo(() => flattenGroups(groups), [groups]);
  const view = useRowWindow(frame, flat.length);
  const { tabStop, onKeyDown, onFocus } = useRowKeys(frame, flat, view, currentId);
  const drop = useListDrop();
  // The sidebar and the drawer of phones each have a list.
  const idPrefix = useId();
  const visible = flat.filter(({ index, key }) => (index >= view.from && index < view.to) || key === tabStop);
  return (
    <nav
      ref={frame}
      aria-label={label}
      onKeyDown={(event: KeyboardEvent<HTMLElement>) => !isComposing(event) && onKeyDown(event)}
      onFocus={onFocus}
      className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-3 pb-4 [--row:36px] pointer-coarse:[--row:44px]"
    >
      {groups.every(({ rows }) => rows.length === 0) && empty}
      <div className="relative" style={{ height: `calc(var(--row) * ${flat.length})` }}>
        {groups.map((group) => {
          const rows = visible.filter((one) => one.group === group);
          if (rows.length === 0) return null;
          const heading = rows.find(({ row }) => row === null);
          return (
            <section
              key={group.heading}
              aria-labelledby={`${idPrefix}${group.heading}`}
              {...drop.targetOf(group)}
            >
              <Heading
                id={`${idPrefix}${group.heading}`}
                group={group}
                index={heading?.index ?? null}
                isTabStop={tabStop === newProjectKey}
                isTarget={drop.target === group.heading}
              />
              <ul>
                {rows.map(
                  ({ row, index }) =>
                    row !== null && (
                      <li
                        key={row.key}
                        style={placeOf(index)}
                        {...drop.rowTargetOf(row)}
                        className={cn(
                          "group absolute inset-x-0 flex h-(--row)",
                          drop.target === row.key && "rounded-lg ring-2 ring-accent ring-inset",
                        )}
                      >
                        <Row
                          row={row}
                          isTabStop={tabStop === row.key}
                          selection={selection}
                          onSelect={onSelect}
                        />
                      </li>
                    ),
                )}
              </ul>
            </section>
          );
        })}
      </div>
    </nav>
  );
}

function placeOf(index: number): CSSProperties {
  return { top: `calc(var(--row) * ${index})` };
}

type HeadingProps = {
  id: string;
  group: ListGroup;
  /** Null while it is out of view. */
  index: number | null;
  isTabStop: boolean;
  /** Whether a drop would go here. */
  isTarget: boolean;
};

function Heading({ id, group, index, isTabStop, isTarget }: HeadingProps) {
  const t = useTranslations("shell");
  const openDialog = useOrganizeDialog();
  return (
    <div
      style={index === null ? undefined : placeOf(index)}
      className={cn(
        "absolute inset-x-0 flex h-(--row) items-end justify-between",
        // Out of view the heading still names its rows for screen readers.
        (index === null || isPlain(group)) && "sr-only",
      )}
    >
      <h2
        id={id}
        className={cn("px-2 pb-1.5 font-medium text-muted-foreground text-xs", isTarget && "text-accent")}
        suppressHydrationWarning
      >
        {t(`days.${group.heading}`)}
      </h2>
      {group.heading === "projects" && index !== null && (
        <button
          type="button"
          data-row={newProjectKey}
          tabIndex={isTabStop ? 0 : -1}
          aria-label={t("projects.new")}
          title={t("projects.new")}
          onClick={() => openDialog({ type: "newProject", ids: [] })}
          className="mr-1 flex size-7 items-center justify-center rounded-md text-muted-foreground hover:bg-background hover:text-foreground pointer-coarse:size-11"
        >
          <FolderPlus aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}

type RowProps = Pick<Props, "selection" | "onSelect"> & { row: ListRow; isTabStop: boolean };

function Row({ row, isTabStop, selection, onSelect }: RowProps) {
  const t = useTranslations("shell.projects");
  switch (row.kind) {
    case "conversation":
      return <ConversationRow row={row} isTabStop={isTabStop} selection={selection} onSelect={onSelect} />;
    case "project":
      return <ProjectRow row={row} isTabStop={isTabStop} />;
    case "empty":
      return <p className="self-center truncate pl-8 text-muted-foreground text-sm">{t("empty")}</p>;
    case "more":
      return <MoreRow key={row.key} section={row.section} rowKey={row.key} isTabStop={isTabStop} />;
  }
}

/** Loads the next page when it comes near the view; after a failure a button tries again. */
function MoreRow({ section, rowKey, isTabStop }: { section: Section; rowKey: string; isTabStop: boolean }) {
  const t = useTranslations("shell.chats");
  const { loadMore } = useConversationActions();
  const [hasFailed, setFailed] = useState(false);
  const isMounted = useRef(true);
  const load = async () => {
    setFailed(false);
    const isLoaded = await loadMore(section);
    // While the row stays in view, the page that follows is needed too.
    if (isMounted.current) setFailed(!isLoaded);
  };
  const { list } = useConversationList();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per page
  useEffect(() => {
    isMounted.current = true;
    void load();
    return () => {
      isMounted.current = false;
    };
  }, [list.loaded.get(section)]);
  if (!hasFailed)
    return (
      <p role="status" className="self-center pl-2 text-muted-foreground text-sm">
        {t("loadingMore")}
      </p>
    );
  return (
    <button
      type="button"
      data-row={rowKey}
      tabIndex={isTabStop ? 0 : -1}
      onClick={load}
      className="w-full rounded-lg px-2 text-left text-muted-foreground text-sm hover:bg-background"
    >
      {t("loadAgain")}
    </button>
  );
}
