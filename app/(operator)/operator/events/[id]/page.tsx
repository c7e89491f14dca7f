import Link from "next/link";
import { notFound } from "next/navigation";
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
  const isGone = JSON.stringify(event.payload) === "{}";
  return (
    <>
      <PageHeader
        title={event.type}
        description={<span className="font-mono text-sm">{event.id}</span>}
        actions={
          <OperatorActionButton action={replayEventAction} fields={{ eventId: event.id }}>
            Replay
          </OperatorActionButton>
        }
      />
      <dl className="grid gap-x-8 text-sm sm:grid-cols-2">
        <Fact label="State">
          <EventStateBadge state={event.state} />
        </Fact>
        <Fact label="Attempts">{event.attempts}</Fact>
        <Fact label="Made at Stripe">
          <DateTime at={event.createdAt} format={dateTimeFormat} />
        </Fact>
        <Fact label="Came">
          <DateTime at={event.receivedAt} format={dateTimeFormat} />
        </Fact>
        <Fact label="Done">
          {event.processedAt === null ? (
            "Not yet"
          ) : (
            <DateTime at={event.processedAt} format={dateTimeFormat} />
          )}
        </Fact>
        <Fact label="Customer">
          {event.customerId === null ? (
            "Names none"
          ) : (
            <Link
              href={`/operator/customers?text=${event.customerId}`}
              className="font-mono text-xs underline decoration-accent/40 underline-offset-4"
            >
              {event.customerId}
            </Link>
          )}
        </Fact>
        <Fact label="Last error">{event.lastError ?? "None"}</Fact>
      </dl>
      <details className="mt-6">
        <summary className="min-h-8 rounded-md font-semibold">Payload</summary>
        {isGone ? (
          <p className="mt-3 text-muted-foreground text-sm">
            Payloads are kept for 90 days; this one is older. Replaying works without it.
          </p>
        ) : (
          <section
            aria-label="Payload"
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
