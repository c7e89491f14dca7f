import Link from "next/link";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { loadBillingOverview, requestTime } from "#app/_http/request-facts.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { localizeError } from "#app/_i18n/localize-error.ts";
import { Button } from "#app/_ui/button.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { resumePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { BillingNotice } from "#app/(workspace)/billing/_shared/billing-notice.tsx";
import { RefreshOnReturn } from "#app/(workspace)/billing/_shared/refresh-on-return.tsx";
import { ChangeSummary } from "#app/(workspace)/billing/plan/change-summary.tsx";
import { CheckoutSummary } from "#app/(workspace)/billing/plan/checkout-summary.tsx";
import { OfferList } from "#app/(workspace)/billing/plan/offer-list.tsx";
import { type ChangePreview, previewChange } from "#lib/billing/actions/preview-plan-change.ts";
import { findOffer, plans } from "#lib/billing/catalog/plans.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { AppError } from "#lib/core/errors.ts";

export const generateMetadata = pageMetadata("/billing/plan");

type Props = { searchParams: Promise<{ to?: string | string[] }> };

/** The plans and the preview of a change. The selected plan is in the URL. */
export default async function ChangePlanPage({ searchParams }: Props) {
  const { to } = await searchParams;
  const target = findOffer(typeof to === "string" ? to : null);
  const identity = await requireUser(`/billing/plan${target ? `?to=${target.price.lookupKey}` : ""}`);
  const [billing, t] = await Promise.all([loadBillingOverview(identity), getTranslations("plan")]);
  const { subscription } = billing;
  if (identity.memberRole === "member") redirect("/billing");
  const result =
    target === undefined || subscription === null ? null : await tryPreview(identity, target.price.lookupKey);
  return (
    <>
      <PageHeader
        title={t(subscription === null ? "chooseTitle" : "title")}
        description={t(subscription === null ? "chooseLead" : "lead")}
      />
      <div className="flex flex-col gap-6">
        <OfferList
          current={subscription?.lookupKey ?? null}
          selected={target?.price.lookupKey ?? null}
          scheduled={billing.scheduledChange?.lookupKey ?? null}
        />
        {subscription === null && target !== undefined && (
          <CheckoutSummary offer={target} canStartTrial={billing.trial.kind === "open"} at={requestTime()} />
        )}
        {result?.kind === "preview" && <ChangeSummary preview={result.preview} />}
        {result?.kind === "rejected" && (
          <BillingNotice
            tone="warning"
            title={t("rejected")}
            action={
              subscription?.endsAt != null && (
                <ActionButton action={resumePlanAction}>
                  {t("keepPlan", { plan: planName(billing) })}
                </ActionButton>
              )
            }
          >
            {result.message}
          </BillingNotice>
        )}
        <div>
          <Button asChild variant="ghost" className="-ml-4">
            <Link href="/billing">{t("back")}</Link>
          </Button>
        </div>
        <RefreshOnReturn />
      </div>
    </>
  );
}

function planName({ subscription, entitlements }: BillingOverview): string {
  return (findOffer(subscription?.lookupKey ?? null)?.plan ?? plans[entitlements.plan]).name;
}

type PreviewResult =
  | { kind: "preview"; preview: ChangePreview }
  | { kind: "rejected"; message: string }
  | null;

async function tryPreview(
  identity: Parameters<typeof previewChange>[0],
  lookupKey: string,
): Promise<PreviewResult> {
  try {
    const preview = await previewChange(identity, lookupKey, requestTime());
    return preview === null ? null : { kind: "preview", preview };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: "rejected", message: (await localizeError(error)).message };
  }
}
