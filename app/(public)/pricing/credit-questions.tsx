import { useLocale, useTranslations } from "next-intl";
import { countAnswers, typicalAnswer } from "#app/(public)/pricing/typical-answers.ts";
import { plans } from "#lib/billing/catalog/plans.ts";
import { formatsFor } from "#lib/core/formats.ts";

const questions = ["usedUp", "rollover", "failed", "yearly", "cancel", "paymentFailed", "change"] as const;

/** Frequently asked questions about credit. */
export function CreditQuestions() {
  const t = useTranslations("pricing.questions");
  return (
    <section aria-labelledby="questions" className="mx-auto flex w-full max-w-2xl flex-col gap-4">
      <h2 id="questions" className="font-semibold text-xl tracking-tight">
        {t("title")}
      </h2>
      <div className="divide-y border-y">
        <Question question={t("credit.question")} answer={useCreditText()} />
        {questions.map((key) => (
          <Question key={key} question={t(`${key}.question`)} answer={t(`${key}.answer`)} />
        ))}
      </div>
    </section>
  );
}

function Question({ question, answer }: { question: string; answer: string }) {
  return (
    <details className="py-1">
      <summary className="flex min-h-11 cursor-pointer items-center font-medium">{question}</summary>
      <p className="pb-3 text-pretty text-muted-foreground">{answer}</p>
    </details>
  );
}

/** Explains credit with examples from the current price list. */
function useCreditText(): string {
  const t = useTranslations("pricing.questions.credit");
  const { money, count } = formatsFor(useLocale());
  const typical = typicalAnswer();
  if (typical === null) return t("basics");
  const { model, costMicros } = typical;
  const answers = (micros: number) => count(countAnswers(micros, costMicros));
  const example = t("example", {
    model,
    cost: money(costMicros),
    free: answers(plans.free.allowanceMicros),
    pro: answers(plans.pro.allowanceMicros),
  });
  return `${t("basics")} ${example}`;
}
