import { useTranslations } from "next-intl";
import { DateTime } from "#app/_ui/formats/date-time.tsx";

/**
 * When the monthly credit renews.
 * @param props.at ISO 8601; null while the month's payment is pending or overdue
 */
export function CreditRenewal({ at }: { at: string | null }) {
  const t = useTranslations("chat.credit");
  return at === null ? t("awaitsPayment") : t.rich("renews", { date: () => <DateTime at={at} /> });
}
