import { useTranslations } from "next-intl";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { StatusBadge } from "#app/(operator)/_console/tables/customer-table.tsx";
import { findOffer } from "#lib/billing/catalog/plans.ts";
import type { CustomerDetail } from "#lib/billing/operator/customer-detail.ts";

type Subscription = CustomerDetail["subscriptions"][number];

/** All subscriptions of a customer, newest first. */
export function SubscriptionList({ subscriptions }: { subscriptions: Subscription[] }) {
  const t = useTranslations("operator");
  return (
    <Table aria-label={t("customer.subscriptions")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("subscriptions.subscription")}</TableHead>
          <TableHead>{t("subscriptions.plan")}</TableHead>
          <TableHead>{t("subscriptions.status")}</TableHead>
          <TableHead>{t("subscriptions.started")}</TableHead>
          <TableHead>{t("subscriptions.next")}</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {subscriptions.map((subscription) => (
          <TableRow key={subscription.id}>
            <TableCell className="font-mono text-xs">{subscription.id}</TableCell>
            <TableCell className="whitespace-nowrap">
              <OfferName lookupKey={subscription.lookupKey} />
            </TableCell>
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

function OfferName({ lookupKey }: { lookupKey: string | null }) {
  const t = useTranslations("operator.subscriptions");
  const offer = findOffer(lookupKey);
  if (offer === undefined) return lookupKey ?? t("unknownPlan");
  return t(offer.interval === "month" ? "monthly" : "yearly", { plan: offer.plan.name });
}

/** The next (or last) date in the life of a subscription. */
function NextDate({ subscription }: { subscription: Subscription }) {
  const { endedAt, cancelAt, cancelAtPeriodEnd, pastDueSince, trialEndsAt, status, periodEnd } = subscription;
  const ends = cancelAt ?? (cancelAtPeriodEnd ? periodEnd : null);
  if (endedAt !== null) return <LabeledDate kind="ended" at={endedAt} />;
  if (ends !== null) return <LabeledDate kind="ends" at={ends} />;
  if (pastDueSince !== null) return <LabeledDate kind="pastDue" at={pastDueSince} />;
  if (status === "trialing" && trialEndsAt !== null) return <LabeledDate kind="trialEnds" at={trialEndsAt} />;
  return periodEnd === null ? "-" : <LabeledDate kind="renews" at={periodEnd} />;
}

type DateKind = "ended" | "ends" | "pastDue" | "trialEnds" | "renews";

function LabeledDate({ kind, at }: { kind: DateKind; at: Date }) {
  return useTranslations("operator.subscriptions").rich(kind, { date: () => <DateTime at={at} /> });
}
