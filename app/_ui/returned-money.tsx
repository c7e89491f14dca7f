import { Badge } from "#app/_ui/badge.tsx";
import type { ReturnedMoney } from "#lib/billing/returned-money.ts";
import { formatMoney, fromCents } from "#lib/ground/money.ts";

/** What went back of a payment: refunded, disputed, or a part of it either way. A part is named with its amount. */
export function ReturnedBadges({ paidCents, refundedCents, disputedCents }: ReturnedMoney) {
  const share = (cents: number) =>
    cents >= paidCents ? "" : ` ${formatMoney(fromCents(cents))} of ${formatMoney(fromCents(paidCents))}`;
  return (
    <>
      {refundedCents > 0 && <Badge variant="secondary">Refunded{share(refundedCents)}</Badge>}
      {disputedCents > 0 && <Badge variant="warning">Disputed{share(disputedCents)}</Badge>}
    </>
  );
}
