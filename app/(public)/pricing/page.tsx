import Link from "next/link";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import {
  loadEntitlements,
  loadPaymentProblem,
  loadSubscription,
  loadTrialAvailability,
} from "#app/_http/request-facts.ts";
import { currentIdentity } from "#app/_http/session/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { CreditQuestions } from "#app/(public)/pricing/credit-questions.tsx";
import { PlanColumn, type Viewer } from "#app/(public)/pricing/plan-column.tsx";
import { PaymentNotice } from "#app/(workspace)/_shell/payment-notice.tsx";
import { BillingNotice } from "#app/(workspace)/billing/_shared/billing-notice.tsx";
import { SandboxHint } from "#app/(workspace)/billing/_shared/sandbox-hint.tsx";
import type { Identity } from "#lib/accounts/sessions.ts";
import { planList } from "#lib/billing/catalog/plans.ts";
import { isOngoing } from "#lib/billing/customer/subscription-statuses.ts";
import { now } from "#lib/core/clock.ts";
import { AppError } from "#lib/core/errors.ts";

export const generateMetadata = pageMetadata("/pricing", {
  description: "Three plans. Every answer shows what it cost.",
});

type Props = { searchParams: Promise<{ notice?: string | string[] }> };

export default async function PricingPage({ searchParams }: Props) {
  const { notice } = await searchParams;
  const identity = await currentIdentity();
  const viewer = identity === null ? visitor : await readViewer(identity);
  const problem = identity === null ? null : await loadPaymentProblem(identity);
  return (
    <>
      {problem !== null && (
        <PaymentNotice problem={problem}>
          {identity?.memberRole !== "member" && (
            <Button asChild size="sm">
              <Link href="/billing">Pay on the billing page</Link>
            </Button>
          )}
        </PaymentNotice>
      )}
      <Plans notice={notice} viewer={viewer} />
    </>
  );
}

function Plans({ notice, viewer }: { notice: string | string[] | undefined; viewer: Viewer }) {
  return (
    <div className="group mx-auto flex w-full max-w-5xl flex-col gap-12 px-4 py-14">
      <header className="flex flex-col items-center gap-3 text-center">
        <h1 className="text-balance font-semibold text-3xl tracking-tight sm:text-4xl">
          Pay for what you use, up to what you choose
        </h1>
        <p className="max-w-xl text-pretty text-lg text-muted-foreground">
          Each plan brings credit every month, and every answer shows what it cost. More is charged only if
          you add credit, or set a limit up to which answers may go on.
        </p>
        <IntervalChoice />
      </header>
      {notice === "unavailable" && (
        <BillingNotice tone="warning" title="Payments cannot be reached right now">
          Nothing was charged. Try again in a moment.
        </BillingNotice>
      )}
      {notice === "trial-used" && (
        <BillingNotice tone="plain" title="There is no second trial">
          {new AppError("trial_used").message}
        </BillingNotice>
      )}
      <div className="grid gap-4 md:grid-cols-3">
        {planList.map((plan) => (
          <PlanColumn key={plan.id} plan={plan} viewer={viewer} at={now()} />
        ))}
      </div>
      <CreditQuestions />
      <SandboxHint />
    </div>
  );
}

const visitor: Viewer = { kind: "visitor" };

async function readViewer(identity: Identity): Promise<Viewer> {
  const [subscription, entitlements, problem, trial] = await Promise.all([
    loadSubscription(identity),
    loadEntitlements(identity),
    loadPaymentProblem(identity),
    loadTrialAvailability(identity),
  ]);
  const isActive = subscription !== null && isOngoing(subscription);
  return {
    kind: "customer",
    plan: entitlements.plan,
    lookupKey: isActive ? subscription.lookupKey : null,
    hasSubscription: isActive,
    hasOpenPayment: problem !== null,
    canBuy: identity.memberRole !== "member",
    canStartTrial: trial.kind === "open",
  };
}

/** Selects the billing interval with radio buttons and CSS, so that it works without JavaScript. */
function IntervalChoice() {
  const label =
    "flex h-9 cursor-pointer items-center gap-2 rounded-md px-4 text-sm font-medium text-muted-foreground transition-colors pointer-coarse:h-11 has-checked:bg-background has-checked:text-foreground has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-ring";
  return (
    <fieldset className="mt-3 flex rounded-lg bg-muted p-1">
      <legend className="sr-only">How often to pay</legend>
      <label className={label}>
        <input type="radio" name="interval" value="month" className="sr-only" defaultChecked />
        Monthly
      </label>
      <label className={label}>
        <input type="radio" name="interval" value="year" id="yearly" className="sr-only" />
        Yearly <span className="text-success">two months free</span>
      </label>
    </fieldset>
  );
}
