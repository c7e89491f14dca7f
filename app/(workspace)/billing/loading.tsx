import { useTranslations } from "next-intl";
import { LateSkeleton } from "#app/_ui/late-skeleton.tsx";
import { Skeleton } from "#app/_ui/skeleton.tsx";

/** The skeleton of the billing page. */
export default function BillingLoading() {
  const t = useTranslations("billing");
  return (
    <LateSkeleton>
      <div role="status" aria-label={t("loading")} className="flex flex-col gap-6">
        <Skeleton className="h-8 w-32" />
        <Skeleton className="h-52 w-full rounded-xl" />
        <Skeleton className="h-36 w-full rounded-xl" />
        <Skeleton className="h-40 w-full rounded-xl" />
      </div>
    </LateSkeleton>
  );
}
