"use client";

import { Archive, ArrowLeft, Search } from "lucide-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { lazy, Suspense, useMemo, useState, useSyncExternalStore } from "react";
import { Button } from "#app/_ui/button.tsx";
import { useConversationList } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { groupArchive, groupList, type ListGroup } from "#app/(workspace)/_shell/conversations/list-rows.ts";
import { ListView } from "#app/(workspace)/_shell/conversations/list-view.tsx";
import { useSelection } from "#app/(workspace)/_shell/conversations/use-selection.ts";
import { PrefetchLink } from "#app/(workspace)/_shell/prefetch-link.tsx";

const SelectionBar = lazy(() => import("#app/(workspace)/_shell/conversations/selection-bar.tsx"));

const noSubscription = () => () => {};
const midnight = () => new Date().setHours(0, 0, 0, 0);

/** The conversations with projects and archive, below the link to the search. */
export function ConversationList() {
  const t = useTranslations("shell.chats");
  const [isArchive, setArchive] = useState(false);
  const groups = useGroups(isArchive);
  const shown = useMemo(() => idsOf(groups), [groups]);
  const { selection, start, selectAll, end } = useSelection(shown);
  const currentId = useCurrentId();
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
        <div className="px-3 pb-2">
          <PrefetchLink
            href="/search"
            className="flex h-9 items-center gap-2.5 rounded-lg px-3 text-muted-foreground text-sm hover:bg-background hover:text-foreground pointer-coarse:h-11"
          >
            <Search aria-hidden className="size-4" />
            {t("search")}
          </PrefetchLink>
        </div>
      )}
      <ListView
        // The scroll position belongs to one of the lists.
        key={isArchive ? "archive" : "chats"}
        label={isArchive ? t("archiveTitle") : t("list")}
        groups={groups}
        empty={<p className="px-2 py-6 text-muted-foreground text-sm">{empty}</p>}
        currentId={currentId}
        selection={selection}
        onSelect={start}
      />
      {selection !== null && (
        <Suspense>
          <SelectionBar ids={selection.ids} isArchive={isArchive} onSelectAll={selectAll} onDone={end} />
        </Suspense>
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

function useGroups(isArchive: boolean): ListGroup[] {
  const { list, openProjects } = useConversationList();
  // The server does not know the user's time zone and uses UTC.
  const today = useSyncExternalStore(noSubscription, midnight, () => new Date().setUTCHours(0, 0, 0, 0));
  return useMemo(() => {
    return isArchive ? groupArchive(list) : groupList(list, openProjects, today);
  }, [list, openProjects, today, isArchive]);
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
