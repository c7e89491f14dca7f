import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";

/** The content of a page that does not exist. */
export function MissingPage() {
  const t = useTranslations("site.notFound");
  return (
    <div className="mx-auto my-auto flex max-w-md flex-col items-start justify-center gap-4 px-6 py-16">
      <h1 className="font-semibold text-2xl tracking-tight">{t("title")}</h1>
      <p className="text-muted-foreground">{t("body")}</p>
      <div className="flex flex-wrap gap-2">
        <Button asChild>
          <Link href="/chat" prefetch={false}>
            {t("openChat")}
          </Link>
        </Button>
        <Button asChild variant="outline">
          <Link href="/">{t("home")}</Link>
        </Button>
      </div>
    </div>
  );
}
