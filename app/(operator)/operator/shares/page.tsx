import { Link2 } from "lucide-react";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { EmptyState } from "#app/_ui/empty-state.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { FilterForm } from "#app/(operator)/_console/filter-form.tsx";
import { OperatorActionButton } from "#app/(operator)/_console/operator-action-button.tsx";
import {
  type QueryParams,
  readCursor,
  readText,
  toCursor,
  toHref,
} from "#app/(operator)/_console/read-query.ts";
import { StateTabs } from "#app/(operator)/_console/state-tabs.tsx";
import { Pager } from "#app/(operator)/_console/tables/pager.tsx";
import { takeDownShareAction } from "#app/(operator)/operator/actions.ts";
import { db } from "#db/client.ts";
import { listAllShares, type OperatorShare } from "#lib/chat/sharing/operator-shares.ts";

export const generateMetadata = pageMetadata("/operator/shares");

const states = ["open", "takenDown"] as const;
const path = "/operator/shares";
const pageSize = 30;

/** Operators paste a link that was reported to them. */
const tokenOf = (text: string | undefined) => text?.match(/[\w-]{24}(?=$|\?)/)?.[0];

export default async function OperatorSharesPage({ searchParams }: { searchParams: Promise<QueryParams> }) {
  await requireOperator();
  const query = await searchParams;
  const t = await getTranslations("operatorShares");
  const state = z.enum(states).safeParse(query.state).data ?? "open";
  const link = readText(query, "link");
  const before = z.object({ at: z.date(), id: z.uuid() }).safeParse(readCursor(query)).data;
  const token = link === undefined ? undefined : (tokenOf(link) ?? "");
  const found = await listAllShares(db(), { state, token, before }, pageSize + 1);
  const shown = found.slice(0, pageSize);
  const last = found.length > pageSize ? shown.at(-1) : undefined;
  return (
    <>
      <PageHeader title={t("title")} description={t("lead")} />
      <StateTabs
        path={path}
        label={t("states")}
        states={states.map((choice) => ({ state: choice, label: t(choice) }))}
        current={state}
        query={{ link }}
      />
      <FilterForm
        path={path}
        fields={[{ name: "link", label: t("link"), value: link, placeholder: t("linkPlaceholder") }]}
      />
      {shown.length === 0 ? (
        <EmptyState icon={<Link2 aria-hidden />} title={t("empty")} description={t("emptyDescription")} />
      ) : (
        <ul className="divide-y divide-border">
          {shown.map((share) => (
            <ShareItem key={share.id} share={share} />
          ))}
        </ul>
      )}
      <Pager
        newestHref={before && toHref(path, { state, link })}
        olderHref={
          last && toHref(path, { state, link, before: toCursor({ at: last.createdAt, id: last.id }) })
        }
      />
    </>
  );
}

async function ShareItem({ share }: { share: OperatorShare }) {
  const t = await getTranslations("operatorShares");
  const { id, token, title, email, workspaceId, createdAt, expiresAt, takenDownAt } = share;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 py-4">
      <div className="min-w-0 flex-1">
        <p dir="auto" className="truncate font-medium">
          {title}
        </p>
        <p className="flex flex-wrap gap-x-3 text-muted-foreground text-sm">
          <Link href={`/operator/customers/${workspaceId}`} className="underline underline-offset-4">
            {email}
          </Link>
          <span>{t.rich("sharedOn", { date: () => <DateTime at={createdAt} /> })}</span>
          {expiresAt !== null && (
            <span>{t.rich("expires", { date: () => <DateTime at={expiresAt} /> })}</span>
          )}
        </p>
      </div>
      {takenDownAt !== null ? (
        <Badge variant="warning">
          {t.rich("takenDownOn", { date: () => <DateTime at={takenDownAt} /> })}
        </Badge>
      ) : (
        <div className="flex flex-wrap items-center gap-3">
          <a
            href={`/share/${token}`}
            target="_blank"
            rel="noreferrer"
            className="text-sm underline underline-offset-4"
          >
            {t("view")}
          </a>
          <OperatorActionButton action={takeDownShareAction} fields={{ id }}>
            {t("takeDown")}
          </OperatorActionButton>
        </div>
      )}
    </li>
  );
}
