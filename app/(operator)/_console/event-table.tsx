import Link from "next/link";
import { sayUtc } from "#app/_ui/say-utc.ts";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { TimeAgo } from "#app/_ui/time-ago.tsx";
import { EventState } from "#app/(operator)/_console/event-state.tsx";
import type { EventLine } from "#lib/billing/operator-events.ts";

/** Events of Stripe's, each with what became of it. */
export function EventTable({ events, label }: { events: EventLine[]; label: string }) {
  return (
    <Table aria-label={label}>
      <TableHeader>
        <TableRow>
          <TableHead>Event</TableHead>
          <TableHead>State</TableHead>
          <TableHead>Customer</TableHead>
          <TableHead className="text-right">Attempts</TableHead>
          <TableHead>Came</TableHead>
          <TableHead>Last error</TableHead>
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
              <EventState state={event.state} />
            </TableCell>
            <TableCell className="whitespace-nowrap font-mono text-xs">{event.customerId ?? "-"}</TableCell>
            <TableCell className="text-right">{event.attempts}</TableCell>
            <TableCell>
              <TimeAgo at={event.receivedAt} />
              <span className="block whitespace-nowrap text-muted-foreground text-xs tabular-nums">
                {sayUtc(event.receivedAt)}
              </span>
            </TableCell>
            <TableCell className="min-w-48 text-muted-foreground text-xs">{event.lastError ?? "-"}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
