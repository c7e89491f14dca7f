import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { StatusBadge } from "#app/(operator)/_console/tables/customer-table.tsx";
import { findOffer } from "#lib/billing/catalog/plans.ts";
import type { CustomerDetail } from "#lib/billing/operator/customer-detail.ts";

type Subscription = CustomerDetail["subscriptions"][number];

/** All subscriptions of a customer, newest first. */
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
            <TableCell className="whitespace-nowrap">{formatOffer(subscription.lookupKey)}</TableCell>
            <TableCell>
              <StatusBadge status={subscription.status} />
            </TableCell>
            <TableCell>
              <DateTime at={subscription.createdAt} />
            </TableCell>
            <TableCell className="whitespace-nowrap text-muted-foreground">
              <NextDate subscription={subscription} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function formatOffer(lookupKey: string | null): string {
  const offer = findOffer(lookupKey);
  return offer === undefined
    ? (lookupKey ?? "Not in our catalog")
    : `${offer.plan.name}, by the ${offer.interval}`;
}

/** The next (or last) date in the life of a subscription. */
function NextDate({ subscription }: { subscription: Subscription }) {
  const { endedAt, cancelAt, cancelAtPeriodEnd, pastDueSince, trialEndsAt, status, periodEnd } = subscription;
  const ends = cancelAt ?? (cancelAtPeriodEnd ? periodEnd : null);
  if (endedAt !== null) return <LabeledDate word="ended" at={endedAt} />;
  if (ends !== null) return <LabeledDate word="ends" at={ends} />;
  if (pastDueSince !== null) return <LabeledDate word="past due since" at={pastDueSince} />;
  if (status === "trialing" && trialEndsAt !== null)
    return <LabeledDate word="trial ends" at={trialEndsAt} />;
  return periodEnd === null ? "-" : <LabeledDate word="renews" at={periodEnd} />;
}

function LabeledDate({ word, at }: { word: string; at: Date }) {
  return (
    <>
      {word} <DateTime at={at} />
    </>
  );
}
