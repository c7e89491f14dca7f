import { Check } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "#app/_ui/badge.tsx";
import { cn } from "#app/_ui/cn.ts";
import { PlanAction, type Viewer } from "#app/(public)/pricing/plan-action.tsx";
import { countAnswers, typicalAnswer } from "#app/(public)/pricing/typical-answers.ts";
import type { Interval, Plan } from "#lib/billing/catalog/plans.ts";
import { addsTax } from "#lib/billing/catalog/plus-tax.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";

const intervals: Interval[] = ["month", "year"];
/** Both intervals are rendered; CSS shows the one that is selected above the cards. */
const visibilityClasses: Record<Interval, string> = {
  month: "group-has-[#yearly:checked]:hidden",
  year: "hidden group-has-[#yearly:checked]:grid",
};

type Props = { plan: Plan; viewer: Viewer; at: Date };

/** One plan: price, what it includes, and one action. The rows of cards beside each other are aligned. */
export function PlanCard({ plan, viewer, at }: Props) {
  const t = useTranslations("pricing.card");
  const summary = useTranslations("plans.summary");
  const isCurrent = viewer.kind === "customer" && viewer.plan === plan.id;
  return (
    <section
      aria-labelledby={`plan-${plan.id}`}
      className={cn(
        "row-span-4 grid content-start gap-5 rounded-xl border bg-card p-6 md:grid-rows-subgrid",
        plan.isHighlighted && "border-accent",
      )}
    >
      <div className="flex flex-col gap-1">
        <h2 id={`plan-${plan.id}`} className="flex items-center justify-between gap-2 font-semibold text-lg">
          {plan.name}
          {isCurrent && <Badge>{t("yourPlan")}</Badge>}
        </h2>
        <p className="text-muted-foreground text-sm">{summary(plan.id)}</p>
      </div>
      {plan.isPaid ? (
        intervals.map((interval) => <OfferPrice key={interval} plan={plan} interval={interval} />)
      ) : (
        <Price micros={0} per={t("perMonth")} note={t("free")} />
      )}
      <Highlights plan={plan} />
      {plan.isPaid ? (
        intervals.map((interval) => (
          <div key={interval} className={visibilityClasses[interval]}>
            <PlanAction
              plan={plan}
              lookupKey={plan.prices[interval]?.lookupKey ?? null}
              viewer={viewer}
              at={at}
            />
          </div>
        ))
      ) : (
        <PlanAction plan={plan} lookupKey={null} viewer={viewer} at={at} />
      )}
    </section>
  );
}

function OfferPrice({ plan, interval }: { plan: Plan; interval: Interval }) {
  const t = useTranslations("pricing.card");
  const { price: formatPrice } = formatsFor(useLocale());
  const price = plan.prices[interval];
  if (price === undefined) return null;
  const micros = fromCents(price.cents);
  const per = interval === "month" ? "perMonth" : "perYear";
  return (
    <div className={visibilityClasses[interval]}>
      <Price
        micros={micros}
        per={t(addsTax() ? `${per}PlusTax` : per)}
        note={interval === "month" ? t("monthly") : t("yearly", { amount: formatPrice(micros / 12) })}
      />
    </div>
  );
}

function Price({ micros, per, note }: { micros: number; per: string; note: string }) {
  const { price } = formatsFor(useLocale());
  return (
    <div className="flex flex-col gap-1">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-semibold text-3xl tabular-nums tracking-tight">{price(micros)}</span>
        <span className="text-muted-foreground">{per}</span>
      </p>
      <p className="text-pretty text-muted-foreground text-sm">{note}</p>
    </div>
  );
}

/** The credit, and how many answers it pays for. */
function Highlights({ plan }: { plan: Plan }) {
  const t = useTranslations("pricing.card");
  const { price, count } = formatsFor(useLocale());
  const typical = typicalAnswer();
  return (
    <ul className="flex flex-col gap-2 border-t pt-5 text-sm">
      <Highlight>{t("credit", { amount: price(plan.allowanceMicros) })}</Highlight>
      {typical !== null && (
        <Highlight>
          {t("answers", { answers: count(countAnswers(plan.allowanceMicros, typical.costMicros)) })}
          <span className="block text-muted-foreground">{t("answersHint", { model: typical.model })}</span>
        </Highlight>
      )}
    </ul>
  );
}

function Highlight({ children }: { children: ReactNode }) {
  return (
    <li className="flex gap-2">
      <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
      <span className="text-pretty">{children}</span>
    </li>
  );
}
