import Link from "next/link";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { OperatorActionButton } from "#app/(operator)/_console/operator-action-button.tsx";
import { EventStateBadge } from "#app/(operator)/_console/tables/event-state-badge.tsx";
import { replayEventAction } from "#app/(operator)/operator/actions.ts";
import { db } from "#db/client.ts";
import { readEvent } from "#lib/billing/operator/stripe-event-list.ts";

export const generateMetadata = pageMetadata("/operator/events/[id]");

const dateTimeFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "medium" };

export default async function OperatorEventPage({ params }: { params: Promise<{ id: string }> }) {
  await requireOperator();
  const event = await readEvent(db(), (await params).id);
  if (event === null) return notFound();
  const t = await getTranslations("operator");
  const isGone = JSON.stringify(event.payload) === "{}";
  return (
    <>
      <PageHeader
        title={event.type}
        description={<span className="font-mono text-sm">{event.id}</span>}
        actions={
          <OperatorActionButton action={replayEventAction} fields={{ eventId: event.id }}>
            {t("event.replay")}
          </OperatorActionButton>
        }
      />
      <dl className="grid gap-x-8 text-sm sm:grid-cols-2">
        <Fact label={t("events.state")}>
          <EventStateBadge state={event.state} />
        </Fact>
        <Fact label={t("events.attempts")}>{event.attempts}</Fact>
        <Fact label={t("event.created")}>
          <DateTime at={event.createdAt} format={dateTimeFormat} />
        </Fact>
        <Fact label={t("events.received")}>
          <DateTime at={event.receivedAt} format={dateTimeFormat} />
        </Fact>
        <Fact label={t("event.processed")}>
          {event.processedAt === null ? (
            t("event.notYet")
          ) : (
            <DateTime at={event.processedAt} format={dateTimeFormat} />
          )}
        </Fact>
        <Fact label={t("events.customer")}>
          {event.customerId === null ? (
            t("event.noCustomer")
          ) : (
            <Link
              href={`/operator/customers?text=${event.customerId}`}
              className="font-mono text-xs underline decoration-accent/40 underline-offset-4"
            >
              {event.customerId}
            </Link>
          )}
        </Fact>
        <Fact label={t("events.lastError")}>{event.lastError ?? t("event.noError")}</Fact>
      </dl>
      <details className="mt-6">
        <summary className="min-h-8 rounded-md font-semibold">{t("event.payload")}</summary>
        {isGone ? (
          <p className="mt-3 text-muted-foreground text-sm">{t("event.payloadDeleted")}</p>
        ) : (
          <section
            aria-label={t("event.payload")}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable by keyboard (WCAG 2.1.1)
            tabIndex={0}
            className="mt-3 max-h-[70dvh] overflow-auto rounded-xl border bg-card p-4"
          >
            <pre className="font-mono text-xs leading-relaxed">{JSON.stringify(event.payload, null, 2)}</pre>
          </section>
        )}
      </details>
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap justify-between gap-x-4 border-b py-2">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="min-w-0 text-right">{children}</dd>
    </div>
  );
}
