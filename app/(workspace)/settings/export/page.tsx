import Link from "next/link";
import { getLocale, getTranslations } from "next-intl/server";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requestTime } from "#app/_http/request-facts.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { db } from "#db/client.ts";
import { findLinkedExport } from "#lib/accounts/data-exports/download-export.ts";
import { formatsFor } from "#lib/core/formats.ts";

export const generateMetadata = pageMetadata("/settings/export");

const linkSchema = z.object({ id: z.uuid(), token: z.string().min(1).max(100) });

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Where the emailed link of an archive leads: its owner downloads it here after signing in. */
export default async function DataExportPage({ searchParams }: Props) {
  const { userId } = await requireUser("/settings/export");
  const t = await getTranslations("settings.export");
  const link = linkSchema.safeParse(await searchParams).data;
  const found = link && (await findLinkedExport(db(), userId, link, requestTime()));
  if (link === undefined || found == null)
    return (
      <>
        <PageHeader title={t("title")} description={t("linkExpired")} />
        <Button asChild variant="outline" className="self-start">
          <Link href="/settings">{t("toSettings")}</Link>
        </Button>
      </>
    );
  const query = new URLSearchParams({ token: link.token });
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t.rich("ready", {
          size: formatsFor(await getLocale()).fileSize(found.sizeBytes),
          created: () => <DateTime at={found.completedAt} />,
          expires: () => <DateTime at={found.expiresAt} />,
        })}
      />
      <Button asChild className="self-start">
        <a href={`/api/account/exports/${link.id}?${query}`} download>
          {t("download")}
        </a>
      </Button>
    </>
  );
}
