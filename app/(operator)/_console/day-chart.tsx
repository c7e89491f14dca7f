"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { type DayValue, PlainDays, type Unit } from "#app/(operator)/_console/plain-days.tsx";

/**
 * A number by day. The bars are plain elements and come with the page; the chart's library, which is larger
 * than the page, comes when somebody reaches for them, and adds the numbers under the pointer.
 */
export function DayChart({ days, unit, label }: { days: DayValue[]; unit: Unit; label: string }) {
  const [reached, setReached] = useState(false);
  const [Bars] = useState(() =>
    dynamic(() => import("#app/(operator)/_console/day-bars.tsx").then((module) => module.DayBars), {
      ssr: false,
      loading: () => <PlainDays days={days} unit={unit} />,
    }),
  );
  return (
    <div
      aria-hidden
      data-chart={label}
      className="h-44 w-full"
      onPointerEnter={() => setReached(true)}
      onTouchStart={() => setReached(true)}
    >
      {reached ? <Bars days={days} unit={unit} label={label} /> : <PlainDays days={days} unit={unit} />}
    </div>
  );
}
