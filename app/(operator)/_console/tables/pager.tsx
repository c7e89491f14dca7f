import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";

type Props = { newestHref: string | undefined; olderHref: string | undefined };

/** Links to the newest and the next older page; renders nothing if everything fits on one page. */
export function Pager({ newestHref, olderHref }: Props) {
  const t = useTranslations("operator.console");
  if (newestHref === undefined && olderHref === undefined) return null;
  return (
    <nav aria-label={t("pages")} className="mt-4 flex gap-2">
      {newestHref !== undefined && (
        <Button asChild variant="outline" size="sm">
          <Link href={newestHref}>{t("newest")}</Link>
        </Button>
      )}
      {olderHref !== undefined && (
        <Button asChild variant="outline" size="sm">
          <Link href={olderHref}>{t("older")}</Link>
        </Button>
      )}
    </nav>
  );
}
