import Link from "next/link";
import { useTranslations } from "next-intl";
import { formatUtc } from "#app/_ui/formats/format-utc.ts";
import { TimeAgo } from "#app/_ui/formats/time-ago.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { EventStateBadge } from "#app/(operator)/_console/tables/event-state-badge.tsx";
import type { StripeEventRow } from "#lib/billing/operator/stripe-event-list.ts";

/** Stripe webhook events with their processing state. */
export function EventTable({ events, label }: { events: StripeEventRow[]; label: string }) {
  const t = useTranslations("operator.events");
  return (
    <Table aria-label={label}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("event")}</TableHead>
          <TableHead>{t("state")}</TableHead>
          <TableHead>{t("customer")}</TableHead>
          <TableHead className="text-right">{t("attempts")}</TableHead>
          <TableHead>{t("received")}</TableHead>
          <TableHead>{t("lastError")}</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {events.map((event) => (
          <TableRow key={event.id}>
            <TableCell>
              <Link
                href={`/operator/events/${event.id}`}
                className="font-medium underline decoration-accent/40 underline-offset-4 hover:decoration-accent"
              >
                {event.type}
              </Link>
              <span className="block font-mono text-muted-foreground text-xs">{event.id}</span>
            </TableCell>
            <TableCell>
              <EventStateBadge state={event.state} />
            </TableCell>
            <TableCell className="whitespace-nowrap font-mono text-xs">{event.customerId ?? "-"}</TableCell>
            <TableCell className="text-right">{event.attempts}</TableCell>
            <TableCell>
              <TimeAgo at={event.receivedAt} />
              <span className="block whitespace-nowrap text-muted-foreground text-xs tabular-nums">
                {formatUtc(event.receivedAt)}
              </span>
            </TableCell>
            <TableCell className="min-w-48 text-muted-foreground text-xs">{event.lastError ?? "-"}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
