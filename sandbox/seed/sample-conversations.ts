/** A demo conversation with typical Markdown in its answers. */
export type SampleConversation = { title: string; turns: { question: string; answer: string }[] };

const sourdough: SampleConversation = {
  title: "A sourdough schedule for a weekday",
  turns: [
    {
      question:
        "I want fresh sourdough on Saturday morning but I work until six on Friday. What schedule fits?",
      answer: `Let the fridge do the work overnight. Counted back from a loaf at **9:00 on Saturday**:

| When | What | Time in hand |
|---|---|---|
| Thu 21:00 | Feed the starter 1:5:5 | 1 min |
| Fri 7:00 | Mix flour and water, leave to rest | 5 min |
| Fri 18:30 | Add starter and salt | 5 min |
| Fri 19:00–22:00 | Four folds, thirty minutes apart, then rest | 10 min |
| Fri 22:30 | Shape, into the basket, into the fridge | 10 min |
| Sat 8:00 | Oven and pot to 250 °C | 1 min |
| Sat 8:40 | Bake 20 min covered, then 20 min open at 230 °C | 2 min |

Two things to watch:

1. **The kitchen's warmth.** At 25 °C the dough is ready in three hours, at 20 °C in five. Go by volume: up by half, not doubled.
2. **The long rest with flour and water alone** needs cold water, or enzymes make it slack by evening.`,
    },
    {
      question: "What if the dough is not up by half at 22:30?",
      answer: `Then leave it on the counter and shape later; underproofed dough doesn’t catch up in the fridge.

- Up by **a third**: shape now, leave the basket out for an hour, then chill.
- Up by **less than a quarter**: the starter was tired. Put the bowl in the oven with only the light on (about 27 °C) and look every half hour.

> Bread forgives a late shaping far more readily than an early one.`,
    },
  ],
};

const raceCondition: SampleConversation = {
  title: "Two requests, one last seat",
  turns: [
    {
      question:
        "In PostgreSQL, two requests sometimes book the same last seat. I check the count first and then insert. How do I stop that?",
      answer: `Checking first and acting later leaves a gap in which the other request does the same. Let one statement do both, so that the row's lock closes the gap:

\`\`\`sql
update events
   set seats_left = seats_left - 1
 where id = $1
   and seats_left > 0
returning seats_left;
\`\`\`

No row came back? Then it is sold out, and nothing was changed. In TypeScript:

\`\`\`ts
async function bookSeat(sql: Sql, eventId: string, userId: string): Promise<boolean> {
  return sql.begin(async (tx) => {
    const [taken] = await tx\`
      update events set seats_left = seats_left - 1
      where id = \${eventId} and seats_left > 0
      returning id\`;
    if (!taken) return false;
    await tx\`insert into bookings (event_id, user_id) values (\${eventId}, \${userId})\`;
    return true;
  });
}
\`\`\`

Why it works: the second \`update\` waits for the first transaction, then **looks at the condition again** on the new row. Add \`check (seats_left >= 0)\` as a second safeguard.`,
    },
    {
      question: "Would a serializable transaction be better?",
      answer: `It is also correct but asks more of you: PostgreSQL may abort one of the two with \`40001\`, and you have to retry it.

| | conditional update | serializable |
|---|---|---|
| correct | yes | yes |
| retries needed | no | **yes** |
| throughput on one hot row | waits in line | aborts and repeats |
| good for | one row decides | a rule over many rows |

For one counter, stay with the conditional update.`,
    },
  ],
};

const compoundInterest: SampleConversation = {
  title: "How compound interest adds up",
  turns: [
    {
      question:
        "If I put away 200 a month at 5 % a year for 20 years, what do I end up with? Show the formula.",
      answer: `With monthly payments $P$, a monthly rate $r = 0.05/12$ and $n = 240$ months:

$$
V = P \\cdot \\frac{(1 + r)^n - 1}{r} = 200 \\cdot \\frac{(1.0041\\overline{6})^{240} - 1}{0.0041\\overline{6}} \\approx 82{,}207
$$

So about **82,200**, of which you paid in 48,000. The rest, 34,200, is interest on interest.

- At 3 % it would be about 65,700.
- At 7 % about 104,200.

The last five years bring more than the first ten: that is the whole point of starting early.`,
    },
  ],
};

const paymentReminder: SampleConversation = {
  title: "A friendly payment reminder",
  turns: [
    {
      question: "Write a short, friendly reminder to a customer whose invoice is two weeks late.",
      answer: `**Subject: Invoice 2047, a small reminder**

Dear Ms Okafor,

our invoice 2047 of 3 November (480.00) was due two weeks ago and we haven’t received the payment yet. If it’s already on its way, please disregard this email.

If something is not right with the invoice, just let us know, and we’ll sort it out.

Kind regards,
Jonas Weber`,
    },
    {
      question: "A bit firmer, please. It is the second reminder.",
      answer: `**Subject: Invoice 2047, second reminder**

Dear Ms Okafor,

we wrote to you on 17 November about invoice 2047 over 480.00, and have neither received the payment nor heard from you.

Please transfer the amount **by 4 December**. If there is a reason why you cannot, call me, and we’ll find a solution. If we don’t hear from you, we’ll have to pass the matter on.

Kind regards,
Jonas Weber`,
    },
  ],
};

const regex: SampleConversation = {
  title: "Dates out of a log file",
  turns: [
    {
      question:
        "Give me a Python one-off that counts log lines per hour. Lines start like 2026-11-03T14:07:22Z.",
      answer: `\`\`\`python
import sys
from collections import Counter

hours = Counter(line[:13] for line in sys.stdin if line[4:5] == "-" and line[10:11] == "T")
for hour, count in sorted(hours.items()):
    print(f"{hour}:00  {count:>6}  {'#' * (count * 50 // max(hours.values()))}")
\`\`\`

Run it as \`python hours.py < app.log\`. It reads line by line, so the file may be larger than memory.`,
    },
  ],
};

/** Newest first. */
export const sampleConversations: SampleConversation[] = [
  raceCondition,
  sourdough,
  compoundInterest,
  paymentReminder,
  regex,
];
