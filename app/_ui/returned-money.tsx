import { Badge } from "#app/_ui/badge.tsx";
import type { ReturnedMoney } from "#lib/billing/reports/returned-payments.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";

type Props = ReturnedMoney & {
  /** Whether the amount is named also where it is the whole payment. */
  namesWhole?: boolean;
};

/** What went back of a payment: refunded, disputed, or a part of it either way, which is named with its amount. */
export function ReturnedBadges({ paidCents, refundedCents, disputedCents, namesWhole = false }: Props) {
  const share = (cents: number) =>
    cents >= paidCents && !namesWhole
      ? ""
      : ` ${formatMoney(fromCents(cents))} of ${formatMoney(fromCents(paidCents))}`;
  return (
    <>
      {refundedCents > 0 && <Badge variant="secondary">Refunded{share(refundedCents)}</Badge>}
      {disputedCents > 0 && <Badge variant="warning">Disputed{share(disputedCents)}</Badge>}
    </>
  );
}
