import { firstTokens } from "./tokens.ts";

type PreparedAnswer = { pattern: RegExp; text: string };

const table = `## A table

| Plan | Price a month | Credit a month | Requests a minute |
|:-----|--------------:|---------------:|------------------:|
| Free | 0 USD | 0.50 USD | 60 |
| Pro | 19 USD | 15 USD | 60 |
| Enterprise | 99 USD | 100 USD | 600 |`;

const code = `## Code

\`\`\`typescript
type Grant = { id: string; remainingMicros: number; expiresAt: Date | null };

/** Draws from the grant that expires first, never below zero. */
export function draw(grants: readonly Grant[], amountMicros: number): Grant[] {
  let left = amountMicros;
  return grants.toSorted(byExpiry).map((grant) => {
    const taken = Math.min(left, grant.remainingMicros);
    left -= taken;
    return { ...grant, remainingMicros: grant.remainingMicros - taken };
  });
}
\`\`\`

\`\`\`python
def fibonacci(n: int) -> list[int]:
    numbers = [0, 1]
    while len(numbers) < n:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:n]
\`\`\`

\`\`\`sql
select workspace_id, sum(amount_micros) as balance_micros
from ledger_entries
group by workspace_id
having sum(amount_micros) < 0;
\`\`\`

Inline, a call looks like \`draw(grants, 1_500)\`.`;

const math = `## Math

The area under a bell curve is known exactly:

$$
\\int_{-\\infty}^{\\infty} e^{-x^2} \\, dx = \\sqrt{\\pi}
$$

The roots of $$ax^2 + bx + c = 0$$ are $$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$.

$$
\\begin{pmatrix} \\cos\\theta & -\\sin\\theta \\\\ \\sin\\theta & \\cos\\theta \\end{pmatrix}
\\begin{pmatrix} x \\\\ y \\end{pmatrix}
$$`;

const diagram = `## A diagram

\`\`\`mermaid
flowchart LR
  A[Question] --> B{Credit left?}
  B -- yes --> C[Hold] --> D[Answer] --> E[Settle]
  B -- no --> F[Way to upgrade]
\`\`\``;

const text = `## Text

A paragraph with **bold**, *italic*, ~~struck~~ and \`code\`, and a [link](https://example.com).

1. First, the hold
2. Then, the answer
   - token by token
   - until it ends, or is stopped
3. Last, the receipt

- [x] A task that is done
- [ ] A task that is not

> A quotation of two lines,
> which belongs to nobody.

---

Umlauts äöü, 漢字, עברית, emoji 🌱👩‍🚀 arrive whole.`;

/** Prepared Markdown answers and the words that select them. */
export const preparedAnswers: readonly PreparedAnswer[] = [
  { pattern: /\bmarkdown\b/i, text },
  { pattern: /\b(markdown|tables?)\b/i, text: table },
  { pattern: /\b(markdown|code)\b/i, text: code },
  { pattern: /\b(markdown|maths?|formulas?|equations?)\b/i, text: math },
  { pattern: /\b(diagrams?|mermaid)\b/i, text: diagram },
];

const sentences = [
  "The sandbox writes this sentence because a long answer was asked for, and no model is thinking.",
  "Each word is counted as a model's would be, and charged as one.",
  "Rain fell on the harbour all morning, and the ferries left on time.",
  "A ledger that adds up is worth more than a clever one.",
  "The lighthouse keeper wrote down the hour, the wind and the names of the ships.",
  "Close this page and open it again: the answer goes on where it was.",
  "Nothing is lost when a connection breaks, since the text is kept where it is made.",
];

/** One numbered paragraph of an endless text. */
export function paragraph(index: number): string {
  const chosen = [0, 1, 2].map((offset) => sentences[(index * 3 + offset) % sentences.length]);
  return `${index + 1}. ${chosen.join(" ")}\n\n`;
}

const longestTokens = 200_000;

/** A text with the given number of tokens, at most 200,000. */
export function longText(tokens: number): string {
  const wanted = Math.min(tokens, longestTokens);
  const paragraphs: string[] = [];
  // Each paragraph has at least 20 tokens.
  for (let index = 0; index <= wanted / 20; index += 1) paragraphs.push(paragraph(index));
  return firstTokens(paragraphs.join(""), wanted);
}
