import { useTranslations } from "next-intl";
import { Skeleton } from "#app/_ui/skeleton.tsx";

/**
 * A conversation's skeleton over the page while another one is being loaded for longer than a moment. A
 * `loading.tsx` would be part of the first paint of every visit instead, and the text would follow it.
 */
export function NavigationSkeleton() {
  const t = useTranslations("shell");
  return (
    <div className="absolute inset-0 z-10 hidden animate-appear-late bg-background opacity-0 group-has-data-navigating/shell:block">
      <div className="mx-auto flex w-full max-w-172 flex-col gap-8 px-4 pt-10 sm:px-6">
        <p className="sr-only" role="status">
          {t("loadingChat")}
        </p>
        <Skeleton className="h-10 w-2/3 self-end rounded-2xl" />
        <div className="flex flex-col gap-3">
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-4 w-11/12" />
          <Skeleton className="h-4 w-3/5" />
        </div>
      </div>
    </div>
  );
}
