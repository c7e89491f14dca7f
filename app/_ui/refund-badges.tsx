import { useLocale, useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import type { ReturnedPayment } from "#lib/billing/reports/returned-payments.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = ReturnedPayment & {
  /** ISO 4217; the amounts are in its smallest unit. */
  currency?: string;
  /** Whether to show the amount also if it is the whole payment. */
  alwaysShowAmount?: boolean;
};

/** Badges for the refunded and the disputed part of a payment. */
export function RefundBadges({
  paidCents,
  refundedCents,
  disputedCents,
  currency = "usd",
  alwaysShowAmount = false,
}: Props) {
  const t = useTranslations("controls.refunds");
  const formats = formatsFor(useLocale());
  const total = formats.currency(paidCents, currency);
  const format = (kind: "refunded" | "disputed", cents: number) =>
    cents >= paidCents && !alwaysShowAmount
      ? t(kind)
      : t(`${kind}Share`, { amount: formats.currency(cents, currency), total });
  return (
    <>
      {refundedCents > 0 && <Badge variant="secondary">{format("refunded", refundedCents)}</Badge>}
      {disputedCents > 0 && <Badge variant="warning">{format("disputed", disputedCents)}</Badge>}
    </>
  );
}
