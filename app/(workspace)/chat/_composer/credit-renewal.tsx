import { DateTime } from "#app/_ui/formats/date-time.tsx";

/**
 * When the monthly credit renews.
 * @param props.at ISO 8601; null while the month's payment is pending or overdue
 */
export function CreditRenewal({ at }: { at: string | null }) {
  if (at === null) return "This month's comes with its payment.";
  return (
    <>
      It renews on <DateTime at={at} />.
    </>
  );
}
