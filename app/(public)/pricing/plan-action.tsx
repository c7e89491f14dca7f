import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { choosePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { TrialTerms } from "#app/(workspace)/billing/_trial/trial-card.tsx";
import { findOffer, type Plan, type PlanId } from "#lib/billing/catalog/plans.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";

/** Who views the plans; it determines what the buttons do. */
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

type Props = {
  plan: Plan;
  /** The price; null for a plan that is not sold. */
  lookupKey: string | null;
  viewer: Viewer;
  at: Date;
};

/** The one action of a plan's card. */
export function PlanAction({ plan, lookupKey, viewer, at }: Props) {
  if (lookupKey === null) return <FreeAction viewer={viewer} />;
  const canStartTrial = viewer.kind === "visitor" || (viewer.canStartTrial && viewer.canBuy);
  if (canStartTrial && lookupKey === proTrial.offer.price.lookupKey)
    return <TrialAction viewer={viewer} at={at} />;
  const variant = plan.isHighlighted ? "default" : "outline";
  if (viewer.kind === "visitor") return <SignUpAction lookupKey={lookupKey} plan={plan} variant={variant} />;
  return <CustomerAction plan={plan} lookupKey={lookupKey} viewer={viewer} variant={variant} />;
}

function FreeAction({ viewer }: { viewer: Viewer }) {
  const t = useTranslations("pricing.action");
  return (
    <Button asChild variant="outline" className="w-full self-start">
      {viewer.kind === "visitor" ? (
        <Link href="/sign-up">{t("start")}</Link>
      ) : (
        <Link href="/chat" prefetch={false}>
          {t("openChat")}
        </Link>
      )}
    </Button>
  );
}

/** Starts the trial (visitors sign up first); a quiet link skips it. */
function TrialAction({ viewer, at }: { viewer: Viewer; at: Date }) {
  const t = useTranslations("pricing.action");
  const { lookupKey, offer, days } = proTrial;
  const plan = offer.plan.name;
  const label = t("tryFree", { plan, days });
  return (
    <div className="flex flex-col gap-2">
      {viewer.kind === "visitor" ? (
        <Button asChild>
          <Link href={signUpPath(lookupKey)}>{label}</Link>
        </Button>
      ) : (
        <ActionButton action={choosePlanAction} fields={{ lookupKey }}>
          {label}
        </ActionButton>
      )}
      <p className="text-pretty text-muted-foreground text-sm">
        <TrialTerms at={at} />
      </p>
      {viewer.kind === "visitor" ? (
        <Button asChild variant="link" className="h-auto min-h-9 self-start whitespace-normal px-0 text-left">
          <Link href={signUpPath(offer.price.lookupKey)}>{t("withoutTrial", { plan })}</Link>
        </Button>
      ) : (
        <ActionButton action={choosePlanAction} fields={{ lookupKey: offer.price.lookupKey }} variant="link">
          {t("withoutTrial", { plan })}
        </ActionButton>
      )}
    </div>
  );
}

type Variant = "default" | "outline";

function SignUpAction({ plan, lookupKey, variant }: { plan: Plan; lookupKey: string; variant: Variant }) {
  const t = useTranslations("pricing.action");
  return (
    <Button asChild variant={variant} className="w-full self-start">
      <Link href={signUpPath(lookupKey)}>{t("choose", { plan: plan.name })}</Link>
    </Button>
  );
}

function signUpPath(lookupKey: string): string {
  return `/sign-up?next=${encodeURIComponent(`/billing/checkout?plan=${lookupKey}`)}`;
}

type CustomerProps = {
  plan: Plan;
  lookupKey: string;
  viewer: Extract<Viewer, { kind: "customer" }>;
  variant: Variant;
};

function CustomerAction({ plan, lookupKey, viewer, variant }: CustomerProps) {
  const t = useTranslations("pricing.action");
  if (!viewer.canBuy) return <p className="text-muted-foreground text-sm">{t("ownerOnly")}</p>;
  const isCurrent = viewer.lookupKey === lookupKey;
  if (isCurrent || viewer.hasOpenPayment)
    return (
      <LinkAction href="/billing" variant="outline">
        {viewer.hasOpenPayment ? t("payInvoice") : t("manage")}
      </LinkAction>
    );
  if (viewer.hasSubscription)
    return (
      <LinkAction href={`/billing/plan?to=${lookupKey}`} variant={variant}>
        {t(changeKey(plan, lookupKey, viewer.lookupKey), { plan: plan.name })}
      </LinkAction>
    );
  return (
    <ActionButton action={choosePlanAction} fields={{ lookupKey }} variant={variant}>
      {t("choose", { plan: plan.name })}
    </ActionButton>
  );
}

function LinkAction({ href, variant, children }: { href: string; variant: Variant; children: string }) {
  return (
    <Button asChild variant={variant} className="w-full self-start">
      <Link href={href}>{children}</Link>
    </Button>
  );
}

/** Another plan, or the same plan with another billing interval. */
function changeKey(plan: Plan, lookupKey: string, currentLookupKey: string | null) {
  const to = findOffer(lookupKey);
  if (to === undefined || findOffer(currentLookupKey)?.plan !== plan) return "changeTo";
  return to.interval === "month" ? "payMonthly" : "payYearly";
}
