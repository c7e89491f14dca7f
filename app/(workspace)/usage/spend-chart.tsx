"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { PlainBars, type SpendDay } from "#app/(workspace)/usage/plain-bars.tsx";

/**
 * Spending by day. The bars are plain elements and come with the page; the chart's library, which is larger than the page,
 * comes when somebody reaches for them, and adds the numbers under the pointer.
 */
export function SpendChart({ days }: { days: SpendDay[] }) {
  const [reached, setReached] = useState(false);
  const [Bars] = useState(() =>
    dynamic(() => import("#app/(workspace)/usage/spend-bars.tsx").then((module) => module.SpendBars), {
      ssr: false,
      loading: () => <PlainBars days={days} />,
    }),
  );
  return (
    <div
      aria-hidden
      data-chart="spend"
      className="h-56 w-full"
      onPointerEnter={() => setReached(true)}
      onTouchStart={() => setReached(true)}
    >
      {reached ? <Bars days={days} /> : <PlainBars days={days} />}
    </div>
  );
}
