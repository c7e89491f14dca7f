import { MessageCircleDashed } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";

/** The switch above a new chat that makes it temporary. */
export function TemporarySwitch({ isTemporary, onToggle }: { isTemporary: boolean; onToggle: () => void }) {
  const t = useTranslations("chat.temporary");
  return (
    <div className="flex h-12 items-center justify-end px-3 sm:px-4">
      <Button
        variant={isTemporary ? "secondary" : "ghost"}
        size="sm"
        aria-pressed={isTemporary}
        onClick={onToggle}
      >
        <MessageCircleDashed aria-hidden /> {t("name")}
      </Button>
    </div>
  );
}

/** The header of a temporary chat, in place of the title and the menu of a stored one. */
export function TemporaryHeader() {
  const t = useTranslations("chat.temporary");
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-dashed px-4 text-sm">
      <MessageCircleDashed aria-hidden className="size-4 shrink-0 text-muted-foreground" />
      <h1 className="shrink-0 font-medium">{t("name")}</h1>
      <p className="truncate text-muted-foreground">
        {t("hint")} <span className="hidden sm:inline">{t("hintMore")}</span>
      </p>
    </header>
  );
}

/** Says above the message field of a new temporary chat what it is. */
export function TemporaryGreeting() {
  const t = useTranslations("chat.temporary");
  return (
    <div className="mx-auto mt-auto flex w-full max-w-172 shrink-0 flex-col items-center gap-2 px-4 pt-8 pb-6 text-center sm:px-6">
      <MessageCircleDashed aria-hidden className="size-7 text-muted-foreground" />
      <p className="text-balance font-semibold text-2xl tracking-tight sm:text-3xl">{t("name")}</p>
      <p className="max-w-lg text-pretty text-muted-foreground text-sm">{t("text")}</p>
    </div>
  );
}
