"use client";

import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useState, useSyncExternalStore, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { isComposing } from "#app/_ui/is-composing.ts";
import { usePush } from "#app/_ui/offline-guard.tsx";
import { ConversationRow } from "#app/(workspace)/_shell/conversations/conversation-row.tsx";
import {
  type ConversationItem,
  useConversationActions,
  useConversationList,
} from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { groupByDay } from "#app/(workspace)/_shell/conversations/group-by-day.ts";
import { findConversationsAction } from "#app/(workspace)/chat/actions.ts";

const pageSize = 50;
const noSubscription = () => () => {};
const midnight = () => new Date().setHours(0, 0, 0, 0);

/** The conversations grouped by day, with a search over titles and messages. */
export function ConversationList() {
  const t = useTranslations("shell");
  const { conversations, running } = useConversationList();
  const { extend } = useConversationActions();
  const [query, setQuery] = useState("");
  const [hasMore, setHasMore] = useState(conversations.length >= pageSize);
  const found = useSearch(query);
  // The server does not know the user's time zone and uses UTC.
  const today = useSyncExternalStore(noSubscription, midnight, () => new Date().setUTCHours(0, 0, 0, 0));
  const shown = found ?? conversations;
  const push = usePush();
  const [isNavigating, startNavigation] = useTransition();
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Escape") setQuery("");
    const first = shown[0];
    if (event.key === "Enter" && found !== null && first !== undefined)
      startNavigation(() => push(`/chat/${first.id}`));
  };
  const loadMore = async () => {
    const last = conversations.at(-1);
    if (last === undefined) return;
    const result = await findConversationsAction({
      before: { id: last.id, updatedAt: new Date(last.updatedAt) },
    });
    if (!result.ok) return;
    extend(result.value);
    setHasMore(result.value.length >= pageSize);
  };
  return (
    <>
      <div className="relative px-3 pb-2">
        <Search
          aria-hidden
          className="-translate-y-1/2 pointer-events-none absolute top-[calc(50%-4px)] left-6 size-4 text-muted-foreground"
        />
        <input
          data-find-conversations
          type="search"
          dir="auto"
          aria-label={t("chats.search")}
          placeholder={t("chats.placeholder")}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={onKeyDown}
          className="h-9 w-full rounded-lg bg-transparent pr-2 pl-9 text-base placeholder:text-muted-foreground hover:bg-background focus:bg-background sm:text-sm pointer-coarse:h-11"
        />
        {isNavigating && <span hidden data-navigating="chat" />}
      </div>
      <nav aria-label={t("chats.list")} className="min-h-0 flex-1 overflow-y-auto px-3 pb-4">
        {shown.length === 0 && (
          <p className="px-2 py-6 text-muted-foreground text-sm">
            {query.trim() === "" ? t("chats.empty") : t("chats.nothingFound", { query: query.trim() })}
          </p>
        )}
        {groupByDay(shown, today).map((group) => (
          <section key={group.age} className="pt-3">
            <h2 className="px-2 pb-1 font-medium text-muted-foreground text-xs" suppressHydrationWarning>
              {t(`days.${group.age}`)}
            </h2>
            <ul>
              {group.items.map((conversation) => (
                <ConversationRow
                  key={conversation.id}
                  conversation={conversation}
                  running={running.has(conversation.id)}
                />
              ))}
            </ul>
          </section>
        ))}
        {hasMore && found === null && (
          <Button variant="ghost" size="sm" className="mt-2 w-full text-muted-foreground" onClick={loadMore}>
            {t("chats.showOlder")}
          </Button>
        )}
      </nav>
    </>
  );
}

const debounceMs = 200;

/** The results of a search; null while the query is empty. */
function useSearch(query: string): ConversationItem[] | null {
  const [found, setFound] = useState<ConversationItem[] | null>(null);
  useEffect(() => {
    const trimmed = query.trim();
    if (trimmed === "") return setFound(null);
    let current = true;
    const timer = setTimeout(async () => {
      const result = await findConversationsAction({ query: trimmed });
      if (current && result.ok) setFound(result.value);
    }, debounceMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query]);
  return found;
}
