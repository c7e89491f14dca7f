import { headers } from "next/headers";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { UpgradeProvider } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-provider.tsx";
import { readChatPageData } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { ChatScreen } from "#app/(workspace)/chat/_screen/chat-screen.tsx";
import { newId } from "#lib/core/ids.ts";

export const generateMetadata = pageMetadata("/chat");

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function NewChatPage({ searchParams }: Props) {
  const { project, temporary } = await searchParams;
  const pageData = await readChatPageData(await requireUser("/chat"));
  const conversationId = newId();
  const empty = {
    ...{ title: "", messages: [], leafId: null, running: [], listed: null },
    parameters: pageData.newChatParameters,
  };
  // The key is new for each visit, so that "New chat" always starts with an empty state.
  return (
    <ClientMessages of={["attachments", "chat", "errors", "plans"]}>
      <UpgradeProvider>
        <ChatScreen
          key={conversationId}
          conversationId={conversationId}
          conversation={empty}
          projectId={z.uuid().safeParse(project).data ?? null}
          startsTemporary={temporary === "1"}
          model={pageData.defaultModel}
          nonce={(await headers()).get("x-nonce") ?? undefined}
          {...pageData}
        />
      </UpgradeProvider>
    </ClientMessages>
  );
}
