import { MessageCircleOff } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";

/** The page for a conversation that does not exist or belongs to another user; it does not say which. */
export default function ConversationNotFound() {
  const t = useTranslations("chat");
  return (
    <div className="my-auto flex flex-col items-center gap-3 py-16 text-center">
      <MessageCircleOff aria-hidden className="size-6 text-muted-foreground" />
      <h1 className="font-semibold text-xl tracking-tight">{t("missing.title")}</h1>
      <p className="text-muted-foreground">{t("missing.description")}</p>
      <Button asChild className="mt-2">
        <Link href="/chat">{t("newChat")}</Link>
      </Button>
    </div>
  );
}
