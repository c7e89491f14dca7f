import { useTranslations } from "next-intl";
import { Skeleton } from "#app/_ui/skeleton.tsx";

/** The skeleton of a console page while it loads. */
export default function OperatorLoading() {
  const t = useTranslations("operator.console");
  return (
    <div role="status" aria-label={t("loading")} className="flex flex-col gap-6">
      <Skeleton className="h-8 w-40" />
      <Skeleton className="h-24 w-full rounded-xl" />
      <Skeleton className="h-72 w-full rounded-xl" />
    </div>
  );
}
