"use client";

import { Archive, ArrowLeft, Search } from "lucide-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useMemo, useState, useSyncExternalStore, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { isComposing } from "#app/_ui/is-composing.ts";
import { usePush } from "#app/_ui/offline-guard.tsx";
import {
  useConversationActions,
  useConversationList,
} from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import {
  groupArchive,
  groupList,
  groupResults,
  type ListGroup,
} from "#app/(workspace)/_shell/conversations/list-rows.ts";
import { ListView } from "#app/(workspace)/_shell/conversations/list-view.tsx";
import { SelectionBar } from "#app/(workspace)/_shell/conversations/selection-bar.tsx";
import { useSelection } from "#app/(workspace)/_shell/conversations/use-selection.ts";
import { findConversationsAction } from "#app/(workspace)/chat/actions.ts";

const noSubscription = () => () => {};
const midnight = () => new Date().setHours(0, 0, 0, 0);

/** The conversations with projects and archive, with a search over titles and messages. */
export function ConversationList() {
  const t = useTranslations("shell.chats");
  const [query, setQuery] = useState("");
  const [isArchive, setArchive] = useState(false);
  const found = useSearch(query);
  const groups = useGroups(found, isArchive);
  const shown = useMemo(() => idsOf(groups), [groups]);
  const { selection, start, selectAll, end } = useSelection(shown);
  const currentId = useCurrentId();
  const push = usePush();
  const [isNavigating, startNavigation] = useTransition();
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Escape") setQuery("");
    const first = shown[0];
    if (event.key === "Enter" && found !== null && first !== undefined)
      startNavigation(() => push(`/chat/${first}`));
  };
  const empty = isArchive ? t("archiveEmpty") : t("empty");
  return (
    <>
      {isArchive ? (
        <div className="flex items-center gap-1 px-3 pb-2">
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("leaveArchive")}
            onClick={() => {
              setArchive(false);
              end();
            }}
          >
            <ArrowLeft aria-hidden />
          </Button>
          <p className="font-medium text-sm">{t("archiveTitle")}</p>
        </div>
      ) : (
        <div className="relative px-3 pb-2">
          <Search
            aria-hidden
            className="-translate-y-1/2 pointer-events-none absolute top-[calc(50%-4px)] left-6 size-4 text-muted-foreground"
          />
          <input
            type="search"
            dir="auto"
            aria-label={t("search")}
            placeholder={t("placeholder")}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={onKeyDown}
            className="h-9 w-full rounded-lg bg-transparent pr-2 pl-9 text-base placeholder:text-muted-foreground hover:bg-background focus:bg-background sm:text-sm pointer-coarse:h-11"
          />
          {isNavigating && <span hidden data-navigating="chat" />}
        </div>
      )}
      <ListView
        // The scroll position belongs to one of the lists.
        key={isArchive ? "archive" : found === null ? "chats" : "results"}
        label={isArchive ? t("archiveTitle") : t("list")}
        groups={groups}
        empty={
          <p className="px-2 py-6 text-muted-foreground text-sm">
            {found === null ? empty : t("nothingFound", { query: query.trim() })}
          </p>
        }
        currentId={currentId}
        selection={selection}
        onSelect={start}
      />
      {selection !== null && (
        <SelectionBar ids={selection.ids} isArchive={isArchive} onSelectAll={selectAll} onDone={end} />
      )}
      {!isArchive && selection === null && (
        <div className="px-3 pb-2">
          <button
            type="button"
            onClick={() => setArchive(true)}
            className="flex min-h-9 w-full items-center gap-2 rounded-lg px-2 text-muted-foreground text-sm hover:bg-background hover:text-foreground pointer-coarse:min-h-11"
          >
            <Archive aria-hidden className="size-4" /> {t("openArchive")}
          </button>
        </div>
      )}
    </>
  );
}

function useGroups(found: string[] | null, isArchive: boolean): ListGroup[] {
  const { list, openProjects } = useConversationList();
  // The server does not know the user's time zone and uses UTC.
  const today = useSyncExternalStore(noSubscription, midnight, () => new Date().setUTCHours(0, 0, 0, 0));
  return useMemo(() => {
    if (isArchive) return groupArchive(list);
    if (found === null) return groupList(list, openProjects, today);
    return groupResults(found.flatMap((id) => list.items.get(id) ?? []));
  }, [list, openProjects, today, found, isArchive]);
}

function idsOf(groups: ListGroup[]): string[] {
  const ids = groups.flatMap(({ rows }) =>
    rows.flatMap((row) => (row.kind === "conversation" ? [row.item.id] : [])),
  );
  return [...new Set(ids)];
}

/** The id of the open conversation. */
function useCurrentId(): string | null {
  const pathname = usePathname();
  return pathname.startsWith("/chat/") ? pathname.slice("/chat/".length) : null;
}

const debounceMs = 200;

/** The ids of a search's results; null while the query is empty. */
function useSearch(query: string): string[] | null {
  const [found, setFound] = useState<string[] | null>(null);
  const { learn } = useConversationActions();
  useEffect(() => {
    const trimmed = query.trim();
    if (trimmed === "") return setFound(null);
    let current = true;
    const timer = setTimeout(async () => {
      const result = await findConversationsAction({ query: trimmed });
      if (!current || !result.ok) return;
      learn(result.value);
      setFound(result.value.map(({ id }) => id));
    }, debounceMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query, learn]);
  return found;
}
