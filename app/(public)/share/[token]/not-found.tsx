import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "#app/_ui/button.tsx";

export default async function ShareNotFound() {
  const t = await getTranslations("transcript");
  return (
    <div className="mx-auto flex w-full max-w-md flex-1 flex-col items-start justify-center gap-4 px-4 py-16">
      <h1 className="font-semibold text-2xl tracking-tight">{t("missingTitle")}</h1>
      <p className="text-pretty text-muted-foreground">{t("missing")}</p>
      <Button asChild variant="outline">
        <Link href="/">{t("home")}</Link>
      </Button>
    </div>
  );
}
