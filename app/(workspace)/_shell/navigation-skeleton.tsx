import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { cn } from "#app/_ui/cn.ts";
import { Skeleton } from "#app/_ui/skeleton.tsx";

/**
 * A skeleton over the page while another one is being loaded for longer than a moment. A `loading.tsx` would
 * be part of the first paint of every visit instead, and the content would follow it 300 ms later.
 */
export function NavigationSkeleton() {
  const t = useTranslations("shell");
  return (
    <>
      <Cover
        label={t("loadingChat")}
        className="group-has-data-[navigating=chat]/shell:block"
        column="max-w-172 gap-8 px-4 pt-10 sm:px-6"
      >
        <Skeleton className="h-10 w-2/3 self-end rounded-2xl" />
        <div className="flex flex-col gap-3">
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-4 w-11/12" />
          <Skeleton className="h-4 w-3/5" />
        </div>
      </Cover>
      <Cover
        label={t("loadingPage")}
        className="group-has-data-[navigating=page]/shell:block"
        column="max-w-4xl gap-6 p-5 sm:py-10"
      >
        <Skeleton className="h-8 w-40" />
        <Skeleton className="h-44 w-full rounded-xl" />
        <Skeleton className="h-44 w-full rounded-xl" />
      </Cover>
    </>
  );
}

type CoverProps = { label: string; className: string; column: string; children: ReactNode };

/** Covers the page below it while a link of its kind is pending. */
function Cover({ label, className, column, children }: CoverProps) {
  return (
    <div
      className={cn("absolute inset-0 z-10 hidden animate-appear-late bg-background opacity-0", className)}
    >
      <div className={cn("mx-auto flex w-full flex-col", column)}>
        <p className="sr-only" role="status">
          {label}
        </p>
        {children}
      </div>
    </div>
  );
}
