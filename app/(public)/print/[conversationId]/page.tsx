import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { cache } from "react";
import { z } from "zod";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { Transcript } from "#app/_transcript/transcript.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { PrintButton } from "#app/(public)/print/[conversationId]/print-button.tsx";
import { db } from "#db/client.ts";
import { findConversationHead, readBranchPages } from "#lib/chat/portability/read-conversation-pages.ts";

type Props = { params: Promise<{ conversationId: string }> };

const loadHead = cache(async (id: string) => {
  const identity = await requireUser(`/print/${id}`);
  const { workspaceId, userId } = identity;
  if (!z.uuid().safeParse(id).success) notFound();
  const head = await findConversationHead(db(), workspaceId, userId, id);
  if (head === null) notFound();
  return { head, workspaceId };
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { conversationId } = await params;
  // Browsers name the PDF after the title.
  return { title: { absolute: (await loadHead(conversationId)).head.title }, robots: { index: false } };
}

/** A conversation as a document: the shown branch, to print or to save as a PDF with the browser. */
export default async function PrintPage({ params }: Props) {
  const { conversationId } = await params;
  const { head, workspaceId } = await loadHead(conversationId);
  const messages = [];
  for await (const page of readBranchPages(db(), workspaceId, head.id, head.activeLeafId))
    messages.push(...page);
  const t = await getTranslations("transcript");
  return (
    <ClientMessages of={["chat", "transcript"]}>
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-8 px-4 py-8 sm:px-6 print:max-w-none print:p-0">
        <header className="flex flex-col gap-3 border-b pb-6">
          <h1
            dir="auto"
            className="text-balance font-semibold text-2xl tracking-tight [overflow-wrap:anywhere]"
          >
            {head.title}
          </h1>
          <p className="text-muted-foreground text-sm">
            <DateTime at={head.createdAt} format={{ dateStyle: "long" }} />
          </p>
          <PrintButton label={t("print")} />
        </header>
        <Transcript messages={messages} />
      </div>
    </ClientMessages>
  );
}
