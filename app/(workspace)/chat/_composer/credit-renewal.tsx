import { DateTime } from "#app/_ui/date-time.tsx";

/** When there is credit again. @param at ISO text; null while the month's payment is on its way or owed */
export function CreditRenewal({ at }: { at: string | null }) {
  if (at === null) return "This month's comes with its payment.";
  return (
    <>
      It renews on <DateTime at={at} />.
    </>
  );
}
