import { plans } from "#lib/billing/catalog/plans.ts";
import { formatMoney } from "#lib/core/money.ts";
import { chargeMicros } from "#lib/usage/charge.ts";
import { defaultModelId, findModel } from "#lib/usage/price-list.ts";

/** A typical answer in tokens: one paragraph of prompt in a short conversation, one page of answer. */
const exampleUsage = { promptTokens: 800, cachedTokens: 0, completionTokens: 500 };

/** Frequently asked questions about credit. */
export function CreditQuestions() {
  return (
    <section aria-labelledby="questions" className="mx-auto flex w-full max-w-2xl flex-col gap-4">
      <h2 id="questions" className="font-semibold text-xl tracking-tight">
        About credit
      </h2>
      <div className="divide-y border-y">
        {questions().map(({ question, answer }) => (
          <details key={question} className="group/question py-4">
            <summary className="cursor-pointer font-medium">{question}</summary>
            <p className="mt-2 text-pretty text-muted-foreground">{answer}</p>
          </details>
        ))}
      </div>
    </section>
  );
}

function questions(): { question: string; answer: string }[] {
  return [
    { question: "What is credit, and how far does it go?", answer: explainCredit() },
    {
      question: "What happens when the credit is used up?",
      answer:
        "Answers stop before they cost anything, and you are feedback when new credit comes. An answer that is being written ends there and its text is kept. You can add credit at any time, or, on a paid plan, let answers go on up to a limit that you set. Without that, nothing is charged beyond your plan.",
    },
    {
      question: "Does unused credit carry over?",
      answer:
        "No. Each month's credit is there for that month and expires at its end; the next month begins with the full amount. Credit that you add yourself stays for twelve months.",
    },
    {
      question: "What does an answer that fails cost?",
      answer:
        "Nothing, if it fails before its first word. One that breaks off later, or that you stop, costs what was written until then. Under each answer stands what it cost.",
    },
    {
      question: "I pay for a year. When does the credit come?",
      answer: "Month by month, on the day of the month on which you started.",
    },
    {
      question: "Can I cancel?",
      answer:
        "At any time, in two clicks. You keep the plan until the end of what you have paid for, and can change your mind until then. Your conversations stay.",
    },
    {
      question: "What if a payment fails?",
      answer:
        "We email you, and you keep your plan for three days to put it right. After that your workspace is on Free until the payment goes through. Nothing is deleted.",
    },
    {
      question: "Can I change from one plan to another?",
      answer:
        "Yes, on your billing page, which shows to the cent what it costs first. A higher plan begins at once for the difference; a lower one takes over when what you have paid for has ended.",
    },
  ];
}

/** Computes its examples from the current price list. */
function explainCredit(): string {
  const basics =
    "Credit is money in US dollars. Each answer costs what its model costs: a price for the words that go in, and one for the words that come out.";
  const model = findModel(defaultModelId());
  if (model === undefined) return basics;
  const micros = chargeMicros(model.price, exampleUsage);
  const answers = (allowanceMicros: number) => roundDown(allowanceMicros / micros).toLocaleString("en-US");
  return `${basics} With ${model.label}, a page of answer in a short conversation costs about ${formatMoney(micros)}, so Free's credit is good for some ${answers(plans.free.allowanceMicros)} of them a month, Pro's for ${answers(plans.pro.allowanceMicros)}. Stronger models and long conversations cost more.`;
}

/** Rounds down to two significant digits. */
function roundDown(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.floor(count / unit) * unit;
}
