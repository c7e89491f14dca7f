import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Problem = NonNullable<BillingOverview["problem"]>;
type Props = {
  problem: Problem;
  /** The button to pay; nothing for members without billing rights. */
  children?: ReactNode;
};

/** A banner above every page while a payment is open: the amount, how to pay it, and what happens when. */
export function PaymentNotice({ problem, children }: Props) {
  const t = useTranslations("shell.payment");
  const formats = formatsFor(useLocale());
  const { micros, currency, payUrl, nextAttemptAt, accessUntil } = problem;
  return (
    <section
      aria-label={t("label")}
      className="flex shrink-0 flex-wrap items-center justify-between gap-x-6 gap-y-2 border-danger/40 border-b bg-danger/8 px-5 py-3 text-sm"
    >
      <p className="max-w-prose text-pretty">
        <span className="font-medium">{t("failed", { amount: formats.amount(micros, currency) })}</span>{" "}
        {accessUntil === null
          ? t("onFree")
          : t.rich("keepsPlan", {
              date: () => <DateTime at={accessUntil} format={{ dateStyle: "medium", timeStyle: "short" }} />,
            })}
        {nextAttemptAt !== null && <> {t.rich("retry", { date: () => <DateTime at={nextAttemptAt} /> })}</>}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        {payUrl !== null && (
          <Button asChild size="sm" variant="ghost">
            <a href={payUrl}>{t("viewInvoice")}</a>
          </Button>
        )}
        {children}
      </div>
    </section>
  );
}
