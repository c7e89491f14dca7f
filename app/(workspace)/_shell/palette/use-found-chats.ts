import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { usePush } from "#app/_ui/offline-guard.tsx";
import { useConversationList } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { compareItems } from "#app/(workspace)/_shell/conversations/list-state.ts";
import type { Command, CommandGroup } from "#app/(workspace)/_shell/palette/filter-commands.ts";
import { fetchSearch } from "#app/(workspace)/search/fetch-search.ts";
import { noFilters, searchHref } from "#app/(workspace)/search/search-query.ts";
import type { SearchResult } from "#lib/chat/search/search-result.ts";

const debounceMs = 120;
const recentChats = 5;
/** The search page shows all. */
const maxTitles = 5;
const maxMessages = 5;

/** The chats and messages that a query finds, with the way to all of them; without one the last chats. */
export function useFoundChats(query: string): CommandGroup[] {
  const t = useTranslations("palette");
  const push = usePush();
  const { list } = useConversationList();
  const wanted = query.trim();
  const found = useFound(wanted);
  if (wanted === "") {
    const recent = [...list.items.values()].sort(compareItems).slice(0, recentChats);
    const commands = recent.map(({ id, title }) => ({ id, label: title, run: () => push(`/chat/${id}`) }));
    return toGroup("recent", t("groups.recent"), commands);
  }
  const titles = (found?.titles ?? []).slice(0, maxTitles).map(({ conversationId, title }) => ({
    id: conversationId,
    label: title.text,
    marked: title,
    run: () => push(`/chat/${conversationId}`),
  }));
  const messages = (found?.messages ?? []).slice(0, maxMessages).map(({ messageId, ...hit }) => ({
    id: messageId,
    label: hit.title,
    snippet: hit.snippet,
    run: () => push(`/chat/${hit.conversationId}?message=${messageId}`),
  }));
  const all = {
    id: "search",
    label: t("searchAll", { query: wanted }),
    run: () => push(searchHref({ ...noFilters, q: wanted })),
  };
  const isNothing = found !== null && titles.length + messages.length === 0 && found.next === null;
  return [
    ...toGroup("chats", t("groups.chats"), titles),
    ...toGroup("messages", t("groups.messages"), messages),
    ...toGroup("search", t("groups.search"), isNothing ? [] : [all]),
  ];
}

function toGroup(id: string, label: string, commands: Command[]): CommandGroup[] {
  return commands.length === 0 ? [] : [{ id, label, commands }];
}

/** The first page of results; those of the query before until the new ones are there. */
function useFound(query: string): SearchResult | null {
  const [found, setFound] = useState<SearchResult | null>(null);
  useEffect(() => {
    if (query === "") return setFound(null);
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      const result = await fetchSearch(new URLSearchParams({ q: query }), controller.signal).catch(
        () => null,
      );
      if (!controller.signal.aborted) setFound(result);
    }, debounceMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [query]);
  return found;
}
