import { useTranslations } from "next-intl";
import { LateSkeleton } from "#app/_ui/late-skeleton.tsx";
import { Skeleton } from "#app/_ui/skeleton.tsx";

export default function Loading() {
  const t = useTranslations("usage");
  return (
    <LateSkeleton>
      <div className="flex flex-col gap-8">
        <p className="sr-only" role="status">
          {t("loading")}
        </p>
        <Skeleton className="h-9 w-40" />
        <Skeleton className="h-36 w-full rounded-xl" />
        <Skeleton className="h-56 w-full" />
        <Skeleton className="h-48 w-full" />
      </div>
    </LateSkeleton>
  );
}
