"use client";

import dynamic from "next/dynamic";
import { Skeleton } from "#app/_ui/skeleton.tsx";

export type SpendDay = { day: string; dollars: number };

/** The chart is drawn after the page is there: its library is larger than the page. */
const Bars = dynamic(
  () => import("#app/(workspace)/usage/spend-bars.tsx").then((module) => module.SpendBars),
  {
    ssr: false,
    loading: () => <Skeleton className="h-56 w-full" />,
  },
);

export function SpendChart({ days }: { days: SpendDay[] }) {
  return (
    <div aria-hidden className="h-56 w-full">
      <Bars days={days} />
    </div>
  );
}
