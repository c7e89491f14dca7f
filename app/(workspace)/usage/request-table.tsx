import Link from "next/link";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { RequestLine } from "#lib/usage/reports.ts";

const number = new Intl.NumberFormat("en-US");
const dateTimeFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

const outcomes: Record<string, { label: string; variant: "secondary" | "warning" | "danger" }> = {
  stopped: { label: "Stopped", variant: "secondary" },
  out_of_credit: { label: "Credit ran out", variant: "warning" },
  interrupted: { label: "Interrupted", variant: "warning" },
  failed: { label: "Failed", variant: "danger" },
};

type Props = {
  requests: (RequestLine & { modelLabel: string })[];
  firstPage: boolean;
  olderHref: string | undefined;
};

/** Requests with tokens, duration and cost, newest first. */
export function RequestTable({ requests, firstPage, olderHref }: Props) {
  return (
    <section aria-labelledby="requests">
      <h2 id="requests" className="mb-2 scroll-mt-6 font-semibold">
        Requests
      </h2>
      <Table aria-label="Requests" stacked>
        <TableHeader>
          <TableRow>
            <TableHead>When</TableHead>
            <TableHead>Model</TableHead>
            <TableHead>By</TableHead>
            <TableHead className="text-right">Tokens in</TableHead>
            <TableHead className="text-right">Out</TableHead>
            <TableHead className="text-right">Time</TableHead>
            <TableHead className="text-right">Cost</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {requests.map((request) => {
            const outcome = outcomes[request.outcome];
            return (
              <TableRow key={request.id}>
                <TableCell place="detail">
                  <DateTime at={request.at} format={dateTimeFormat} />
                </TableCell>
                <TableCell place="lead" className="whitespace-nowrap">
                  {request.modelLabel}{" "}
                  {outcome !== undefined && <Badge variant={outcome.variant}>{outcome.label}</Badge>}
                </TableCell>
                <TableCell place="detail" className="whitespace-nowrap text-muted-foreground">
                  {request.keyName ?? "Chat"}
                </TableCell>
                <TableCell place="detail" unit="tokens in" className="text-right">
                  {number.format(request.promptTokens)}
                </TableCell>
                <TableCell place="detail" unit="out" className="text-right">
                  {number.format(request.completionTokens)}
                </TableCell>
                <TableCell place="detail" className="whitespace-nowrap text-right">
                  {(request.durationMs / 1000).toFixed(1)} s
                </TableCell>
                <TableCell place="amount" className="whitespace-nowrap text-right">
                  {request.estimated && (
                    <span title="Counted by us, because the model did not say">about </span>
                  )}
                  <Money micros={request.chargedMicros} />
                </TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
      <div className="mt-4 flex gap-2">
        {!firstPage && (
          <Button asChild variant="outline" size="sm">
            <Link href="/usage#requests">Newest</Link>
          </Button>
        )}
        {olderHref !== undefined && (
          <Button asChild variant="outline" size="sm">
            <Link href={olderHref}>Older</Link>
          </Button>
        )}
      </div>
    </section>
  );
}
