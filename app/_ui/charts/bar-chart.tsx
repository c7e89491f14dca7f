"use client";

import { useLocale, useTranslations } from "next-intl";
import { type FocusEvent, type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";
import { axisTicks } from "#app/_ui/charts/axis-ticks.ts";
import { cn } from "#app/_ui/cn.ts";
import { isComposing } from "#app/_ui/is-composing.ts";
import { formatsFor } from "#lib/core/formats.ts";

/** A day as an ISO date (UTC) and its value: micro-USD or a count. */
export type ChartBar = { day: string; value: number };

type Props = {
  bars: ChartBar[];
  unit: "money" | "count";
  /** The quantity, for example "Spent". */
  label: string;
  /** Sets the height. */
  className?: string;
};

/**
 * Bars by day. The pointer or the arrow keys select a day, and a tooltip shows its value. Assistive
 * technology gets a slider over the days, which reads the selected day and its value.
 */
export function BarChart({ bars, unit, label, className }: Props) {
  const { selected, handlers } = useSelectedBar(bars.length);
  const t = useTranslations("controls");
  const formats = formatsFor(useLocale());
  const formatValue = unit === "money" ? formats.money : formats.count;
  const formatDay = (day: string) => formats.date(day, dayFormat);
  const ticks = axisTicks(Math.max(0, ...bars.map(({ value }) => value)));
  const top = ticks.at(-1) ?? 1;
  const current = bars[selected ?? bars.length - 1];
  if (current === undefined) return null;
  return (
    <div className={cn("flex flex-col text-muted-foreground text-xs", className)}>
      <div className="flex min-h-0 flex-1 gap-2 pt-2">
        <div aria-hidden className="relative w-14 shrink-0 tabular-nums">
          {ticks.map((tick) => (
            <span
              key={tick}
              className="absolute right-0 translate-y-1/2 leading-none"
              style={{ bottom: percent(tick / top) }}
            >
              {formatValue(tick)}
            </span>
          ))}
        </div>
        <div className="relative flex min-w-0 flex-1">
          {ticks.map((tick) => (
            <span
              key={tick}
              className="absolute inset-x-0 border-t"
              style={{ bottom: percent(tick / top) }}
            />
          ))}
          <div
            role="slider"
            tabIndex={0}
            aria-label={t("chartByDay", { label })}
            aria-valuemin={1}
            aria-valuemax={bars.length}
            aria-valuenow={(selected ?? bars.length - 1) + 1}
            aria-valuetext={`${formatDay(current.day)}: ${formatValue(current.value)}`}
            className="relative flex min-w-0 flex-1 touch-pan-y items-end"
            {...handlers}
          >
            {bars.map(({ day, value }, index) => (
              <Bar key={day} share={value / top} isSelected={index === selected} />
            ))}
          </div>
          {selected !== null && (
            <Tooltip position={(selected + 0.5) / bars.length}>
              <span className="block text-muted-foreground">{formatDay(current.day)}</span>
              {label} {formatValue(current.value)}
            </Tooltip>
          )}
        </div>
      </div>
      <DayAxis bars={bars} formatDay={formatDay} />
    </div>
  );
}

/** The bar under the pointer or chosen by keys; null for none. Escape, leaving and blur clear it. */
function useSelectedBar(count: number) {
  const [selected, setSelected] = useState<number | null>(null);
  const last = count - 1;
  const selectAtPointer = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - left) / width) * count);
    setSelected(Math.min(last, Math.max(0, index)));
  };
  const handlers = {
    onPointerMove: selectAtPointer,
    onPointerDown: selectAtPointer,
    // A finger leaves with every tap; its selection stays until the focus goes elsewhere.
    onPointerLeave: (event: PointerEvent) => event.pointerType === "mouse" && setSelected(null),
    onFocus: (event: FocusEvent) => event.target.matches(":focus-visible") && setSelected(last),
    onBlur: () => setSelected(null),
    onKeyDown: (event: KeyboardEvent) => {
      if (isComposing(event)) return;
      const next = keySelection(event.key, selected ?? last, last);
      if (next === undefined) return;
      event.preventDefault();
      setSelected(next);
    },
  };
  return { selected, handlers };
}

/**
 * The bar that a key selects (WAI-ARIA slider pattern), null to clear the selection, undefined for other
 * keys.
 */
function keySelection(key: string, from: number, last: number): number | null | undefined {
  if (key === "ArrowLeft" || key === "ArrowDown") return Math.max(0, from - 1);
  if (key === "ArrowRight" || key === "ArrowUp") return Math.min(last, from + 1);
  if (key === "Home") return 0;
  if (key === "End") return last;
  return key === "Escape" ? null : undefined;
}

/** @param props.share the part of the axis that the bar fills, from 0 to 1 */
function Bar({ share, isSelected }: { share: number; isSelected: boolean }) {
  return (
    <span
      className={cn("flex h-full flex-1 items-end px-[max(0.5px,0.2%)]", isSelected && "bg-foreground/8")}
    >
      <span className="mx-auto w-full max-w-7 rounded-t-xs bg-accent" style={{ height: percent(share) }} />
    </span>
  );
}

/**
 * @param props.position the bar's center as a part of the width, from 0 to 1; the tooltip stays inside the
 * chart
 */
function Tooltip({ position, children }: { position: number; children: ReactNode }) {
  return (
    <div
      role="tooltip"
      className="pointer-events-none absolute top-0 z-10 whitespace-nowrap rounded-lg border bg-card px-3 py-2 text-foreground text-sm tabular-nums shadow-sm"
      style={{ left: percent(position), transform: `translateX(-${percent(position)})` }}
    >
      {children}
    </div>
  );
}

type DayAxisProps = { bars: ChartBar[]; formatDay: (day: string) => string };

function DayAxis({ bars, formatDay }: DayAxisProps) {
  const days = [bars[0], bars[Math.floor(bars.length / 2)], bars.at(-1)].map((bar) => bar?.day);
  return (
    <div aria-hidden className="flex justify-between pt-2 pl-16">
      {[...new Set(days)].map((day) => (
        <span key={day}>{day !== undefined && formatDay(day)}</span>
      ))}
    </div>
  );
}

const dayFormat: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };

function percent(share: number): string {
  return `${share * 100}%`;
}
