import { Code, Sigma, Table2 } from "lucide-react";
import { useTranslations } from "next-intl";

const starters = [
  { icon: Table2, key: "table" },
  { icon: Code, key: "code" },
  { icon: Sigma, key: "math" },
] as const;

/**
 * The empty state of a new conversation: a greeting and three example prompts.
 * @param props.onPick puts a prompt into the message field
 */
export function Greeting({ name, onPick }: { name: string; onPick: (text: string) => void }) {
  const t = useTranslations("chat");
  const firstName = name.split(" ")[0] ?? name;
  return (
    <div className="mx-auto flex w-full max-w-172 flex-1 flex-col justify-center gap-8 overflow-y-auto px-4 py-8 sm:px-6">
      <p className="text-balance font-semibold text-2xl tracking-tight sm:text-3xl">
        {t("greeting", { name: firstName })}
      </p>
      <ul className="grid gap-2 sm:grid-cols-3">
        {starters.map(({ icon: Icon, key }) => (
          <li key={key}>
            <button
              type="button"
              onClick={() => onPick(t(`starters.${key}.text`))}
              className="flex h-full w-full flex-row items-start gap-3 rounded-xl border p-4 text-left transition-colors hover:bg-muted sm:flex-col"
            >
              <Icon aria-hidden className="size-4.5 shrink-0 text-accent" />
              <span>
                <span className="block font-medium text-sm">{t(`starters.${key}.title`)}</span>
                <span className="mt-1 line-clamp-2 block text-muted-foreground text-sm">
                  {t(`starters.${key}.text`)}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
