import { Check } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { usePlanFeatures } from "#app/_ui/plan-features.tsx";
import { choosePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { chatModelsWithGate } from "#app/(workspace)/billing/_plan/plan-models.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { TrialTerms } from "#app/(workspace)/billing/_trial/trial-card.tsx";
import {
  findOffer,
  type Interval,
  intervalAdverbs,
  type Plan,
  type PlanId,
} from "#lib/billing/catalog/plans.ts";
import { plusTax } from "#lib/billing/catalog/plus-tax.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";

/** Who views the page; it determines what the buttons of the plans do. */
export type Viewer =
  | { kind: "visitor" }
  | {
      kind: "customer";
      plan: PlanId;
      /** The price of the current subscription. */
      lookupKey: string | null;
      hasSubscription: boolean;
      /** Whether a payment is open; until it is made, the plan cannot be changed. */
      hasOpenPayment: boolean;
      canBuy: boolean;
      /** Whether the trial is available (M11). */
      canStartTrial: boolean;
    };

const intervals: Interval[] = ["month", "year"];
/** Both intervals are rendered; CSS shows the one that is selected above the columns. */
const visibilityClasses: Record<Interval, string> = {
  month: "group-has-[#yearly:checked]:hidden",
  year: "hidden group-has-[#yearly:checked]:flex",
};

/** One plan: price, features and the button to choose it. */
export function PlanColumn({ plan, viewer, at }: { plan: Plan; viewer: Viewer; at: Date }) {
  const isCurrent = viewer.kind === "customer" && viewer.plan === plan.id;
  const models = plan.gates.at(-1);
  return (
    <section
      aria-labelledby={`plan-${plan.id}`}
      className={cn(
        "flex flex-col gap-6 rounded-xl border bg-card p-6",
        plan.isHighlighted && "border-accent",
      )}
    >
      <div className="flex flex-col gap-1">
        <h2 id={`plan-${plan.id}`} className="flex items-center justify-between gap-2 font-semibold text-lg">
          {plan.name}
          {isCurrent && <Badge>Your plan</Badge>}
        </h2>
        <p className="text-muted-foreground text-sm">{useTranslations("plans.summary")(plan.id)}</p>
      </div>
      {!plan.isPaid ? (
        <>
          <Amount amount="$0" per="forever" note="No card needed." />
          <FreeButton viewer={viewer} />
        </>
      ) : (
        intervals.map((interval) => (
          <Offer key={interval} plan={plan} interval={interval} viewer={viewer} at={at} />
        ))
      )}
      <ul className="flex flex-col gap-2 text-sm">
        {usePlanFeatures(plan).map((feature) => (
          <li key={feature} className="flex gap-2">
            <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
            {feature}
          </li>
        ))}
      </ul>
      {models !== undefined && chatModelsWithGate(models).length > 0 && (
        <p className="text-pretty text-muted-foreground text-sm">
          {plan.isPaid ? "Adds " : "With "}
          {chatModelsWithGate(models).join(", ")}.
        </p>
      )}
    </section>
  );
}

function Amount({ amount, per, note }: { amount: string; per: string; note: string }) {
  return (
    <div className="flex flex-col gap-1">
      <p className="flex items-baseline gap-2">
        <span className="font-semibold text-3xl tabular-nums tracking-tight">{amount}</span>
        <span className="text-muted-foreground">{per}</span>
      </p>
      <p className="text-muted-foreground text-sm">{note}</p>
    </div>
  );
}

type OfferProps = { plan: Plan; interval: Interval; viewer: Viewer; at: Date };

function Offer({ plan, interval, viewer, at }: OfferProps) {
  const price = plan.prices[interval];
  if (price === undefined) return null;
  const canStartTrial = viewer.kind === "visitor" || (viewer.canStartTrial && viewer.canBuy);
  const offersTrial = canStartTrial && price.lookupKey === proTrial.offer.price.lookupKey;
  const monthlyMicros = fromCents(price.cents) / (interval === "year" ? 12 : 1);
  const note =
    interval === "year"
      ? `Paid once a year, ${formatMoney(monthlyMicros)} a month. The credit comes each month.`
      : "Paid each month. Cancel at any time.";
  return (
    <div className={cn("flex flex-col gap-6", visibilityClasses[interval])}>
      <Amount amount={wholeDollars(price.cents)} per={`${plusTax()} a ${interval}`.trim()} note={note} />
      {offersTrial ? (
        <div className="flex flex-col gap-2">
          <TrialButton isVisitor={viewer.kind === "visitor"} />
          <p className="text-pretty text-muted-foreground text-sm">
            <TrialTerms at={at} />
          </p>
          <OfferButton plan={plan} lookupKey={price.lookupKey} viewer={viewer} variant="outline" />
        </div>
      ) : (
        <OfferButton
          plan={plan}
          lookupKey={price.lookupKey}
          viewer={viewer}
          variant={plan.isHighlighted ? "default" : "outline"}
        />
      )}
    </div>
  );
}

function wholeDollars(cents: number): string {
  return formatMoney(fromCents(cents)).replace(/\.00$/, "");
}

/** Starts the trial; visitors sign up first. */
function TrialButton({ isVisitor }: { isVisitor: boolean }) {
  const { lookupKey, offer, days } = proTrial;
  const label = `Try ${offer.plan.name} for ${days} days`;
  if (!isVisitor)
    return (
      <ActionButton action={choosePlanAction} fields={{ lookupKey }}>
        {label}
      </ActionButton>
    );
  const next = encodeURIComponent(`/billing/checkout?plan=${lookupKey}`);
  return (
    <Button asChild>
      <Link href={`/sign-up?next=${next}`}>{label}</Link>
    </Button>
  );
}

type OfferButtonProps = {
  plan: Plan;
  lookupKey: string;
  viewer: Viewer;
  variant: "default" | "outline";
};

function OfferButton({ plan, lookupKey, viewer, variant }: OfferButtonProps) {
  if (viewer.kind === "visitor") {
    const next = encodeURIComponent(`/billing/checkout?plan=${lookupKey}`);
    return (
      <Button asChild variant={variant}>
        <Link href={`/sign-up?next=${next}`}>Choose {plan.name}</Link>
      </Button>
    );
  }
  if (viewer.lookupKey === lookupKey || (viewer.hasOpenPayment && viewer.canBuy)) {
    return (
      <Button asChild variant="outline">
        <Link href="/billing">
          {viewer.hasOpenPayment && viewer.canBuy ? "Pay the open invoice first" : "Manage your plan"}
        </Link>
      </Button>
    );
  }
  if (viewer.hasSubscription && viewer.canBuy) {
    return (
      <Button asChild variant={variant}>
        <Link href={`/billing/plan?to=${lookupKey}`}>{changeLabel(plan, lookupKey, viewer.lookupKey)}</Link>
      </Button>
    );
  }
  if (!viewer.canBuy)
    return <p className="text-muted-foreground text-sm">The owner of your workspace can choose this.</p>;
  return (
    <ActionButton action={choosePlanAction} fields={{ lookupKey }} variant={variant}>
      Choose {plan.name}
    </ActionButton>
  );
}

/** "Change to Pro", or the new interval if the plan stays the same. */
function changeLabel(plan: Plan, lookupKey: string, currentLookupKey: string | null): string {
  const to = findOffer(lookupKey);
  const isSamePlan = to !== undefined && findOffer(currentLookupKey)?.plan === to.plan;
  return isSamePlan ? `Pay ${intervalAdverbs[to.interval]}` : `Change to ${plan.name}`;
}

function FreeButton({ viewer }: { viewer: Viewer }) {
  return (
    <Button asChild variant="outline">
      {viewer.kind === "visitor" ? (
        <Link href="/sign-up">Start for free</Link>
      ) : (
        <Link href="/chat" prefetch={false}>
          Go to the chat
        </Link>
      )}
    </Button>
  );
}
