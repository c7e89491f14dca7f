import { Code, Sigma, Table2 } from "lucide-react";

const examples = [
  {
    icon: Table2,
    title: "Compare in a table",
    text: "Compare tea, coffee and water in a table: caffeine, cost a litre, best time of day.",
  },
  {
    icon: Code,
    title: "Write some code",
    text: "Write code: a TypeScript function that groups a list of orders by month, with an example.",
  },
  {
    icon: Sigma,
    title: "Explain with math",
    text: "Explain compound interest with math, step by step, in Markdown.",
  },
];

/** The empty state of a new conversation: a greeting and three example prompts. */
export function Greeting({
  name,
  onPick,
  disabled,
}: {
  name: string;
  onPick: (text: string) => void;
  disabled: boolean;
}) {
  const firstName = name.split(" ")[0] ?? name;
  return (
    <div className="mx-auto flex w-full max-w-172 flex-1 flex-col justify-center gap-8 overflow-y-auto px-4 py-8 sm:px-6">
      <p className="text-balance font-semibold text-2xl tracking-tight sm:text-3xl">
        What is on your mind, {firstName}?
      </p>
      <ul className="grid gap-2 sm:grid-cols-3">
        {examples.map(({ icon: Icon, title, text }) => (
          <li key={title}>
            <button
              type="button"
              disabled={disabled}
              onClick={() => onPick(text)}
              className="flex h-full w-full flex-row items-start gap-3 rounded-xl border p-4 text-left transition-colors hover:bg-muted disabled:opacity-50 sm:flex-col"
            >
              <Icon aria-hidden className="size-4.5 shrink-0 text-accent" />
              <span>
                <span className="block font-medium text-sm">{title}</span>
                <span className="mt-1 line-clamp-2 block text-muted-foreground text-sm">{text}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
