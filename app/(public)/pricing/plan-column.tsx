import { Check } from "lucide-react";
import Link from "next/link";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { choosePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { modelsBehind } from "#app/(workspace)/billing/_plan/plan-models.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { TrialTerms } from "#app/(workspace)/billing/_trial/trial-card.tsx";
import { findOffer, howOften, type Interval, type Plan, type PlanId } from "#lib/billing/catalog/plans.ts";
import { plusTax } from "#lib/billing/catalog/plus-tax.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";

/** Who looks at the page: what a plan's button does depends on it. */
export type Viewer =
  | { kind: "stranger" }
  | {
      kind: "customer";
      plan: PlanId;
      /** Of the price that runs. */
      lookupKey: string | null;
      hasSubscription: boolean;
      /** Whether a payment is missing, before which nothing can be changed. */
      isOwing: boolean;
      mayBuy: boolean;
      /** Whether the trial is open to them (M11). */
      mayTry: boolean;
    };

const intervals: Interval[] = ["month", "year"];
/** Both intervals are there; the style shows the one that is chosen above. */
const shownFor: Record<Interval, string> = {
  month: "group-has-[#yearly:checked]:hidden",
  year: "hidden group-has-[#yearly:checked]:flex",
};

/** One plan: what it costs, what it brings, and the way to it. */
export function PlanColumn({ plan, viewer, at }: { plan: Plan; viewer: Viewer; at: Date }) {
  const isCurrent = viewer.kind === "customer" && viewer.plan === plan.id;
  const models = plan.gates.at(-1);
  return (
    <section
      aria-labelledby={`plan-${plan.id}`}
      className={cn(
        "flex flex-col gap-6 rounded-xl border bg-card p-6",
        plan.id === "pro" && "border-accent",
      )}
    >
      <div className="flex flex-col gap-1">
        <h2 id={`plan-${plan.id}`} className="flex items-center justify-between gap-2 font-semibold text-lg">
          {plan.name}
          {isCurrent && <Badge>Your plan</Badge>}
        </h2>
        <p className="text-muted-foreground text-sm">{plan.summary}</p>
      </div>
      {plan.id === "free" ? (
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
        {plan.features.map((feature) => (
          <li key={feature} className="flex gap-2">
            <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
            {feature}
          </li>
        ))}
      </ul>
      {models !== undefined && modelsBehind(models).length > 0 && (
        <p className="text-pretty text-muted-foreground text-sm">
          {plan.id === "free" ? "With " : "Adds "}
          {modelsBehind(models).join(", ")}.
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
  const mayTry = viewer.kind === "stranger" || (viewer.mayTry && viewer.mayBuy);
  const isTried = mayTry && price.lookupKey === proTrial.offer.price.lookupKey;
  const monthlyMicros = fromCents(price.cents) / (interval === "year" ? 12 : 1);
  const note =
    interval === "year"
      ? `Paid once a year, ${formatMoney(monthlyMicros)} a month. The credit comes each month.`
      : "Paid each month. Cancel at any time.";
  return (
    <div className={cn("flex flex-col gap-6", shownFor[interval])}>
      <Amount amount={wholeDollars(price.cents)} per={`${plusTax()} a ${interval}`.trim()} note={note} />
      {isTried ? (
        <div className="flex flex-col gap-2">
          <TrialButton isStranger={viewer.kind === "stranger"} />
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
          variant={plan.id === "pro" ? "default" : "outline"}
        />
      )}
    </div>
  );
}

function wholeDollars(cents: number): string {
  return formatMoney(fromCents(cents)).replace(/\.00$/, "");
}

/** The way to the trial: through signing up, where that is still to be done. */
function TrialButton({ isStranger }: { isStranger: boolean }) {
  const { lookupKey, offer, days } = proTrial;
  const label = `Try ${offer.plan.name} for ${days} days`;
  if (!isStranger)
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
  if (viewer.kind === "stranger") {
    const next = encodeURIComponent(`/billing/checkout?plan=${lookupKey}`);
    return (
      <Button asChild variant={variant}>
        <Link href={`/sign-up?next=${next}`}>Choose {plan.name}</Link>
      </Button>
    );
  }
  if (viewer.lookupKey === lookupKey || (viewer.isOwing && viewer.mayBuy)) {
    return (
      <Button asChild variant="outline">
        <Link href="/billing">
          {viewer.isOwing && viewer.mayBuy ? "Pay the open invoice first" : "Manage your plan"}
        </Link>
      </Button>
    );
  }
  if (viewer.hasSubscription && viewer.mayBuy) {
    return (
      <Button asChild variant={variant}>
        <Link href={`/billing/plan?to=${lookupKey}`}>{changeLabel(plan, lookupKey, viewer.lookupKey)}</Link>
      </Button>
    );
  }
  if (!viewer.mayBuy)
    return <p className="text-muted-foreground text-sm">The owner of your workspace can choose this.</p>;
  return (
    <ActionButton action={choosePlanAction} fields={{ lookupKey }} variant={variant}>
      Choose {plan.name}
    </ActionButton>
  );
}

/** The plan's name, or how often it is paid where that alone changes. */
function changeLabel(plan: Plan, lookupKey: string, running: string | null): string {
  const to = findOffer(lookupKey);
  const isSamePlan = to !== undefined && findOffer(running)?.plan === to.plan;
  return isSamePlan ? `Pay ${howOften[to.interval]}` : `Change to ${plan.name}`;
}

function FreeButton({ viewer }: { viewer: Viewer }) {
  return (
    <Button asChild variant="outline">
      {viewer.kind === "stranger" ? (
        <Link href="/sign-up">Start for free</Link>
      ) : (
        <Link href="/chat">Go to the chat</Link>
      )}
    </Button>
  );
}
