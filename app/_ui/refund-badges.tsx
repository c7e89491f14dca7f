import { Badge } from "#app/_ui/badge.tsx";
import type { ReturnedPayment } from "#lib/billing/reports/returned-payments.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";

type Props = ReturnedPayment & {
  /** Whether to show the amount also if it is the whole payment. */
  alwaysShowAmount?: boolean;
};

/** Badges for the refunded and the disputed part of a payment. */
export function RefundBadges({ paidCents, refundedCents, disputedCents, alwaysShowAmount = false }: Props) {
  const formatShare = (cents: number) =>
    cents >= paidCents && !alwaysShowAmount
      ? ""
      : ` ${formatMoney(fromCents(cents))} of ${formatMoney(fromCents(paidCents))}`;
  return (
    <>
      {refundedCents > 0 && <Badge variant="secondary">Refunded{formatShare(refundedCents)}</Badge>}
      {disputedCents > 0 && <Badge variant="warning">Disputed{formatShare(disputedCents)}</Badge>}
    </>
  );
}
