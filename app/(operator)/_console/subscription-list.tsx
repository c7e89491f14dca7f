import { DateTime } from "#app/_ui/date-time.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { StatusBadge } from "#app/(operator)/_console/customer-table.tsx";
import type { CustomerDetail } from "#lib/billing/operator-customer.ts";
import { findOffer } from "#lib/billing/plans.ts";

type Subscription = CustomerDetail["subscriptions"][number];

/** Every subscription there ever was, the newest first. */
export function SubscriptionList({ subscriptions }: { subscriptions: Subscription[] }) {
  return (
    <Table aria-label="Subscriptions">
      <TableHeader>
        <TableRow>
          <TableHead>Subscription</TableHead>
          <TableHead>Plan</TableHead>
          <TableHead>Status</TableHead>
          <TableHead>Began</TableHead>
          <TableHead>Next</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {subscriptions.map((subscription) => (
          <TableRow key={subscription.id}>
            <TableCell className="font-mono text-xs">{subscription.id}</TableCell>
            <TableCell className="whitespace-nowrap">{sayOffer(subscription.lookupKey)}</TableCell>
            <TableCell>
              <StatusBadge status={subscription.status} />
            </TableCell>
            <TableCell>
              <DateTime at={subscription.createdAt} />
            </TableCell>
            <TableCell className="whitespace-nowrap text-muted-foreground">
              <Next subscription={subscription} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function sayOffer(lookupKey: string | null): string {
  const offer = findOffer(lookupKey);
  return offer === undefined
    ? (lookupKey ?? "Not of our catalogue")
    : `${offer.plan.name}, by the ${offer.interval}`;
}

function Next({ subscription }: { subscription: Subscription }) {
  const { endedAt, cancelAt, cancelAtPeriodEnd, pastDueSince, trialEndsAt, status, periodEnd } = subscription;
  const ends = cancelAt ?? (cancelAtPeriodEnd ? periodEnd : null);
  if (endedAt !== null) return <Dated word="ended" at={endedAt} />;
  if (ends !== null) return <Dated word="ends" at={ends} />;
  if (pastDueSince !== null) return <Dated word="past due since" at={pastDueSince} />;
  if (status === "trialing" && trialEndsAt !== null) return <Dated word="trial ends" at={trialEndsAt} />;
  return periodEnd === null ? "-" : <Dated word="renews" at={periodEnd} />;
}

function Dated({ word, at }: { word: string; at: Date }) {
  return (
    <>
      {word} <DateTime at={at} />
    </>
  );
}
