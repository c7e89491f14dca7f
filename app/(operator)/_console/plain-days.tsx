import { formatMoney } from "#lib/core/money.ts";

const dayFormat = new Intl.DateTimeFormat("en-US", { day: "numeric", month: "short", timeZone: "UTC" });

/** Money is in micro-USD. */
export type Unit = "money" | "count";
export type DayValue = { day: string; value: number };

/** A day as people say it (UTC). */
export function sayDay(day: string | undefined): string {
  return day === undefined ? "" : dayFormat.format(new Date(day));
}

/** A value with its unit. */
export function sayValue(value: number, unit: Unit): string {
  return unit === "money" ? formatMoney(value) : value.toLocaleString("en-US");
}

/** Bars without a library, in the places where the chart draws its own. */
export function PlainDays({ days, unit }: { days: DayValue[]; unit: Unit }) {
  const most = Math.max(...days.map(({ value }) => value), 0);
  return (
    <div className="flex h-full flex-col text-muted-foreground text-xs">
      <div className="flex min-h-0 flex-1 gap-2">
        <div className="flex w-16 flex-col items-end justify-between tabular-nums">
          <span>{sayValue(most, unit)}</span>
          <span>{sayValue(0, unit)}</span>
        </div>
        <div className="flex min-w-0 flex-1 items-end gap-[max(1px,0.4%)] border-y">
          {days.map(({ day, value }) => (
            <div
              key={day}
              className="flex-1 rounded-t-xs bg-accent"
              style={{ height: `${most === 0 ? 0 : (value / most) * 100}%` }}
            />
          ))}
        </div>
      </div>
      <div className="flex justify-between pt-2 pl-18">
        <span>{sayDay(days[0]?.day)}</span>
        <span>{sayDay(days.at(-1)?.day)}</span>
      </div>
    </div>
  );
}
