import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { loadPaymentProblem } from "#app/_http/request-facts.ts";
import { currentIdentity } from "#app/_http/session/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { CreditQuestions } from "#app/(public)/pricing/credit-questions.tsx";
import { PlanCards, readViewer } from "#app/(public)/pricing/plan-cards.tsx";
import { PlanComparison } from "#app/(public)/pricing/plan-comparison.tsx";
import { PaymentNotice } from "#app/(workspace)/_shell/payment-notice.tsx";
import { BillingNotice } from "#app/(workspace)/billing/_shared/billing-notice.tsx";
import { SandboxHint } from "#app/(workspace)/billing/_shared/sandbox-hint.tsx";

export async function generateMetadata() {
  const t = await getTranslations("pricing");
  return pageMetadata("/pricing", { description: t("description") })();
}

type Props = { searchParams: Promise<{ notice?: string | string[] }> };

export default async function PricingPage({ searchParams }: Props) {
  const { notice } = await searchParams;
  const identity = await currentIdentity();
  const t = await getTranslations("pricing");
  const problem = identity === null ? null : await loadPaymentProblem(identity);
  return (
    <>
      {problem !== null && (
        <PaymentNotice problem={problem}>
          {identity?.memberRole !== "member" && (
            <Button asChild size="sm">
              <Link href="/billing">{t("payOnBilling")}</Link>
            </Button>
          )}
        </PaymentNotice>
      )}
      <div className="mx-auto flex w-full max-w-5xl flex-col gap-12 px-4 py-14">
        <header className="flex flex-col items-center gap-3 text-center">
          <h1 className="text-balance font-semibold text-3xl tracking-tight sm:text-4xl">{t("title")}</h1>
          <p className="max-w-xl text-pretty text-lg text-muted-foreground">{t("lead")}</p>
        </header>
        <Notice notice={notice} />
        <PlanCards viewer={identity === null ? { kind: "visitor" } : await readViewer(identity)} />
        <PlanComparison />
        <CreditQuestions />
        <SandboxHint />
      </div>
    </>
  );
}

/** Says why Checkout could not be started. */
async function Notice({ notice }: { notice: string | string[] | undefined }) {
  const t = await getTranslations();
  if (notice === "unavailable")
    return (
      <BillingNotice tone="warning" title={t("pricing.unavailable.title")}>
        {t("pricing.unavailable.body")}
      </BillingNotice>
    );
  if (notice === "trial-used")
    return (
      <BillingNotice tone="plain" title={t("pricing.trialUsed")}>
        {t("errors.codes.trial_used")}
      </BillingNotice>
    );
  return null;
}
