import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { requireUser } from "#app/_http/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { BillingNotice } from "#app/(workspace)/billing/_notices/billing-notice.tsx";
import { resumePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { RefreshOnReturn } from "#app/(workspace)/billing/_shared/refresh-on-return.tsx";
import { ChangeSummary } from "#app/(workspace)/billing/plan/change-summary.tsx";
import { OfferList } from "#app/(workspace)/billing/plan/offer-list.tsx";
import { db } from "#db/client.ts";
import { type ChangePreview, previewChange } from "#lib/billing/actions/change-plan.ts";
import { findOffer, plans } from "#lib/billing/catalog/plans.ts";
import { type BillingOverview, readBilling } from "#lib/billing/reports/billing-overview.ts";
import { now } from "#lib/core/clock.ts";
import { AppError } from "#lib/core/errors.ts";

export const metadata: Metadata = { title: "Change plan" };

type Props = { searchParams: Promise<{ to?: string | string[] }> };

/** What else can be had, and what moving to it costs. The choice stands in the address, so that going back takes it back. */
export default async function ChangePlanPage({ searchParams }: Props) {
  const { to } = await searchParams;
  const wanted = findOffer(typeof to === "string" ? to : null);
  const identity = await requireUser(`/billing/plan${wanted ? `?to=${wanted.price.lookupKey}` : ""}`);
  const billing = await readBilling(db(), identity, now());
  if (billing.subscription === null) redirect("/pricing");
  const outcome = wanted === undefined ? null : await tryPreview(identity, wanted.price.lookupKey);
  return (
    <>
      <PageHeader
        title="Change plan"
        description="More begins at once; less waits for what you have paid for."
      />
      <div className="flex flex-col gap-6">
        <OfferList
          current={billing.subscription.lookupKey}
          chosen={wanted?.price.lookupKey ?? null}
          scheduled={billing.scheduledChange?.lookupKey ?? null}
        />
        {outcome?.kind === "preview" && <ChangeSummary preview={outcome.preview} />}
        {outcome?.kind === "refused" && (
          <BillingNotice
            tone="warning"
            title="This cannot be changed right now"
            action={
              billing.subscription.endsAt !== null && (
                <ActionButton action={resumePlanAction}>Keep {nameOfPlan(billing)}</ActionButton>
              )
            }
          >
            {outcome.message}
          </BillingNotice>
        )}
        <div>
          <Button asChild variant="ghost" className="-ml-4">
            <Link href="/billing">Back to billing</Link>
          </Button>
        </div>
        <RefreshOnReturn />
      </div>
    </>
  );
}

function nameOfPlan({ subscription, entitlements }: BillingOverview): string {
  return (findOffer(subscription?.lookupKey ?? null)?.plan ?? plans[entitlements.plan]).name;
}

type Outcome = { kind: "preview"; preview: ChangePreview } | { kind: "refused"; message: string } | null;

async function tryPreview(
  identity: Parameters<typeof previewChange>[0],
  lookupKey: string,
): Promise<Outcome> {
  try {
    const preview = await previewChange(identity, lookupKey, now());
    return preview === null ? null : { kind: "preview", preview };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: "refused", message: error.message };
  }
}
