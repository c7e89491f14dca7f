import { Gauge, Receipt, RotateCw } from "lucide-react";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { readClaims } from "#app/_http/session/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { ProductScreenshot } from "#app/(public)/_landing/product-screenshot.tsx";
import { planList, plans } from "#lib/billing/catalog/plans.ts";
import { env } from "#lib/core/env.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";

const features = [
  ["receipt", Receipt],
  ["durable", RotateCw],
  ["models", Gauge],
] as const;

export default async function LandingPage() {
  const isSignedIn = (await readClaims()) !== null;
  return (
    <>
      <Hero isSignedIn={isSignedIn} />
      <Features />
      <Plans />
    </>
  );
}

function Hero({ isSignedIn }: { isSignedIn: boolean }) {
  const t = useTranslations("landing");
  const { price } = formatsFor(useLocale());
  return (
    <section className="mx-auto grid w-full max-w-6xl items-center gap-12 px-4 pt-12 pb-16 sm:px-8 sm:pt-20 lg:grid-cols-[1fr_1.25fr]">
      <div className="flex flex-col items-start gap-6">
        <h1 className="text-balance font-semibold text-4xl leading-[1.1] tracking-tight sm:text-5xl">
          {t("title")}
        </h1>
        <p className="max-w-prose text-pretty text-lg text-muted-foreground">{t("lead")}</p>
        <div className="flex flex-wrap gap-3">
          <Button asChild size="lg">
            {isSignedIn ? (
              <Link href="/chat" prefetch={false}>
                {t("openChat")}
              </Link>
            ) : (
              <Link href="/sign-up">{t("start")}</Link>
            )}
          </Button>
          <Button asChild size="lg" variant="outline">
            <Link href="/pricing">{t("pricing")}</Link>
          </Button>
        </div>
        {!isSignedIn && (
          <p className="text-muted-foreground text-sm">
            {t("freeCredit", { amount: price(plans.free.allowanceMicros) })}
          </p>
        )}
      </div>
      <ProductScreenshot />
    </section>
  );
}

async function Features() {
  const t = await getTranslations("landing.features");
  return (
    <section aria-labelledby="features" className="border-y bg-muted/50">
      <div className="mx-auto w-full max-w-6xl px-4 py-16 sm:px-8">
        <h2 id="features" className="sr-only">
          {t("title", { app: env().APP_NAME })}
        </h2>
        <ul className="grid gap-10 md:grid-cols-3">
          {features.map(([key, Icon]) => (
            <li key={key} className="flex flex-col gap-3">
              <Icon aria-hidden className="size-5 text-accent" />
              <h3 className="font-semibold">{t(`${key}.title`)}</h3>
              <p className="text-pretty text-muted-foreground">{t(`${key}.body`)}</p>
              {key === "models" && (
                <Link
                  href="/docs/api"
                  className="touch-target self-start font-medium text-accent underline-offset-4 hover:underline"
                >
                  {t("models.link")}
                </Link>
              )}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function Plans() {
  const t = useTranslations("landing.plans");
  const plansText = useTranslations("plans");
  const { price } = formatsFor(useLocale());
  return (
    <section aria-labelledby="plans" className="mx-auto w-full max-w-6xl px-4 pt-16 sm:px-8">
      <h2 id="plans" className="font-semibold text-2xl tracking-tight">
        {t("title")}
      </h2>
      <ul className="mt-8 grid gap-x-8 gap-y-6 md:grid-cols-3">
        {planList.map((plan) => (
          <li key={plan.id} className="flex flex-col gap-1 border-t pt-4">
            <p className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span className="font-semibold">{plan.name}</span>
              <span className="tabular-nums">
                {t.rich("perMonth", {
                  price: price(fromCents(plan.prices.month?.cents ?? 0)),
                  small: (text) => <span className="text-muted-foreground text-sm">{text}</span>,
                })}
              </span>
            </p>
            <p className="text-muted-foreground text-sm">{plansText(`summary.${plan.id}`)}</p>
            <p className="text-muted-foreground text-sm">
              {plansText("creditPerMonth", { amount: price(plan.allowanceMicros) })}
            </p>
          </li>
        ))}
      </ul>
      <Button asChild variant="link" className="mt-6 min-h-11 px-0">
        <Link href="/pricing">{t("compare")}</Link>
      </Button>
    </section>
  );
}
