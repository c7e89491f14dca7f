import { Code, Sigma, Table2 } from "lucide-react";
import { useTranslations } from "next-intl";

const starters = [
  { icon: Table2, key: "table" },
  { icon: Code, key: "code" },
  { icon: Sigma, key: "math" },
] as const;

/** Greets the user above the message field of a new conversation. */
export function Greeting({ name, projectName }: { name: string; projectName: string | undefined }) {
  const t = useTranslations("chat");
  const firstName = name.split(" ")[0] ?? name;
  return (
    <div className="mx-auto mt-auto w-full max-w-172 shrink-0 px-4 pt-8 pb-6 text-center sm:px-6">
      <p className="text-balance font-semibold text-2xl tracking-tight sm:text-3xl">
        {t("greeting", { name: firstName })}
      </p>
      {projectName !== undefined && (
        <p className="mt-2 text-muted-foreground text-sm">{t("inProject", { name: projectName })}</p>
      )}
    </div>
  );
}

/**
 * Three example prompts below the message field of a new conversation.
 * @param props.onPick puts a prompt into the message field
 */
export function Starters({ onPick }: { onPick: (text: string) => void }) {
  const t = useTranslations("chat");
  return (
    <ul className="mx-auto mb-auto grid w-full max-w-172 shrink-0 gap-2 px-4 pb-8 sm:grid-cols-3 sm:px-6">
      {starters.map(({ icon: Icon, key }) => (
        <li key={key}>
          <button
            type="button"
            onClick={() => onPick(t(`starters.${key}.text`))}
            className="flex h-full min-h-11 w-full items-center gap-3 rounded-xl border px-4 py-3 text-left transition-colors hover:bg-muted sm:flex-col sm:items-start sm:py-4"
          >
            <Icon aria-hidden className="size-4.5 shrink-0 text-accent" />
            <span>
              <span className="block font-medium text-sm">{t(`starters.${key}.title`)}</span>
              <span className="mt-1 hidden text-muted-foreground text-sm sm:line-clamp-2">
                {t(`starters.${key}.text`)}
              </span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
