import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { takeNetworkToken } from "#app/_http/network-limits.ts";
import { requestTime } from "#app/_http/request-facts.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { Transcript } from "#app/_transcript/transcript.tsx";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { db } from "#db/client.ts";
import { readSharedConversation, readSharedTitle } from "#lib/chat/sharing/read-shared.ts";
import { env } from "#lib/core/env.ts";

type Props = {
  params: Promise<{ token: string }>;
  searchParams: Promise<{ page?: string | string[] }>;
};

/** Pages of one network in a minute; each is rendered for its request. */
const pagesPerMinute = 120;

const isToken = (text: string) => /^[\w-]{24}$/.test(text);

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { token } = await params;
  const title = isToken(token) ? await readSharedTitle(db(), token, requestTime()) : null;
  const t = await getTranslations("transcript");
  const description = t("shared", { app: env().APP_NAME });
  return {
    title: title ?? t("missingTitle"),
    description,
    robots: { index: false, follow: false, nocache: true },
    openGraph: {
      title: title ?? t("missingTitle"),
      description,
      siteName: env().APP_NAME,
      images: ["/social-preview.png"],
    },
  };
}

export default async function SharePage({ params, searchParams }: Props) {
  takeNetworkToken(await headers(), "share", pagesPerMinute);
  const { token } = await params;
  const page =
    z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .safeParse((await searchParams).page ?? 1).data ?? 1;
  const shared = isToken(token) ? await readSharedConversation(db(), token, page, requestTime()) : null;
  if (shared === null) notFound();
  const t = await getTranslations("transcript");
  return (
    <ClientMessages of={["chat"]}>
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-8 px-4 py-8 sm:px-6">
        <header className="flex flex-col gap-2 border-b pb-6">
          <h1
            dir="auto"
            className="text-balance font-semibold text-2xl tracking-tight [overflow-wrap:anywhere]"
          >
            {shared.title}
          </h1>
          <p className="text-muted-foreground text-sm">
            {t.rich("sharedOn", {
              date: () => <DateTime at={shared.sharedAt} format={{ dateStyle: "long" }} />,
            })}
          </p>
        </header>
        <Transcript messages={shared.messages} />
        <Pages token={token} page={shared.page} pageCount={shared.pageCount} />
        <aside className="flex flex-wrap items-center justify-between gap-4 rounded-xl border p-5 print:hidden">
          <p className="text-pretty text-sm">{t("invitation", { app: env().APP_NAME })}</p>
          <Button asChild>
            <Link href="/chat" prefetch={false}>
              {t("start")}
            </Link>
          </Button>
        </aside>
      </div>
    </ClientMessages>
  );
}

/** Plain links: a page without scripts for its messages has to be loaded as a document. */
async function Pages({ token, page, pageCount }: { token: string; page: number; pageCount: number }) {
  if (pageCount === 1) return null;
  const t = await getTranslations("transcript");
  return (
    <nav aria-label={t("pages")} className="flex flex-wrap items-center justify-between gap-4 print:hidden">
      {page > 1 ? (
        <Button asChild variant="outline">
          <a href={`/share/${token}?page=${page - 1}`}>{t("earlier")}</a>
        </Button>
      ) : (
        <span />
      )}
      <p className="text-muted-foreground text-sm">{t("pageOf", { page, count: pageCount })}</p>
      {page < pageCount ? (
        <Button asChild variant="outline">
          <a href={`/share/${token}?page=${page + 1}`}>{t("later")}</a>
        </Button>
      ) : (
        <span />
      )}
    </nav>
  );
}
