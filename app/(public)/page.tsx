import { Gauge, Receipt, RotateCw } from "lucide-react";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { readClaims } from "#app/_http/session/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { ProductPreview } from "#app/(public)/_landing/product-preview.tsx";
import { planList } from "#lib/billing/catalog/plans.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";

const features = [
  {
    icon: Receipt,
    title: "A receipt under every answer",
    text: "Tokens in and out, time, and the price to the millionth of a dollar. Your balance is one glance away, and it cannot be overspent.",
  },
  {
    icon: RotateCw,
    title: "No answer is lost",
    text: "Close the tab, change to the phone, lose the train's network: the answer goes on, and is there when you come back. Stop stops.",
  },
  {
    icon: Gauge,
    title: "One credit, many models",
    text: "Quick ones and strong ones side by side, here and in your own programs, through an API that speaks OpenAI's language.",
  },
];

export default async function LandingPage() {
  const summary = await getTranslations("plans.summary");
  const isSignedIn = (await readClaims()) !== null;
  return (
    <>
      <section className="mx-auto grid w-full max-w-6xl items-center gap-12 px-4 pt-12 pb-16 sm:px-8 sm:pt-20 lg:grid-cols-[1fr_1.1fr]">
        <div className="flex flex-col items-start gap-6">
          <h1 className="text-balance font-semibold text-4xl leading-[1.1] tracking-tight sm:text-5xl">
            Chat with the best models, and see what it costs.
          </h1>
          <p className="max-w-prose text-pretty text-lg text-muted-foreground">
            One calm place for every model. You pay for what you use, see the price of each answer, and never
            lose one.
          </p>
          <div className="flex flex-wrap gap-3">
            <Button asChild size="lg">
              {isSignedIn ? (
                <Link href="/chat" prefetch={false}>
                  Open chat
                </Link>
              ) : (
                <Link href="/sign-up">Start free</Link>
              )}
            </Button>
            <Button asChild size="lg" variant="outline">
              <Link href="/pricing">See the plans</Link>
            </Button>
          </div>
          {!isSignedIn && (
            <p className="text-muted-foreground text-sm">
              {formatMoney(planList[0]?.allowanceMicros ?? 0)} of credit every month. No card.
            </p>
          )}
        </div>
        <ProductPreview />
      </section>
      <section aria-labelledby="features" className="border-y bg-muted/50">
        <div className="mx-auto w-full max-w-6xl px-4 py-16 sm:px-8">
          <h2 id="features" className="sr-only">
            What you can rely on
          </h2>
          <ul className="grid gap-10 md:grid-cols-3">
            {features.map(({ icon: Icon, title, text }) => (
              <li key={title} className="flex flex-col gap-3">
                <Icon aria-hidden className="size-5 text-accent" />
                <h3 className="font-semibold">{title}</h3>
                <p className="text-pretty text-muted-foreground">{text}</p>
              </li>
            ))}
          </ul>
        </div>
      </section>
      <section aria-labelledby="plans" className="mx-auto w-full max-w-6xl px-4 pt-16 sm:px-8">
        <h2 id="plans" className="font-semibold text-2xl tracking-tight">
          Plans
        </h2>
        <ul className="mt-8 grid gap-x-8 gap-y-6 md:grid-cols-3">
          {planList.map((plan) => (
            <li key={plan.id} className="border-t pt-4">
              <p className="flex items-baseline justify-between gap-4">
                <span className="font-semibold">{plan.name}</span>
                <span className="tabular-nums">
                  {plan.prices.month === undefined
                    ? "$0"
                    : formatMoney(fromCents(plan.prices.month.cents)).replace(".00", "")}
                  <span className="text-muted-foreground text-sm"> a month</span>
                </span>
              </p>
              <p className="mt-1 text-muted-foreground text-sm">
                {formatMoney(plan.allowanceMicros).replace(".00", "")} of credit every month.{" "}
                {summary(plan.id)}
              </p>
            </li>
          ))}
        </ul>
        <Button asChild variant="link" className="mt-6 px-0">
          <Link href="/pricing">Compare them</Link>
        </Button>
      </section>
    </>
  );
}
