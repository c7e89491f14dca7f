import { formatMoney, usd } from "#lib/core/money.ts";

const dayFormat = new Intl.DateTimeFormat("en-US", { day: "numeric", month: "short", timeZone: "UTC" });
const sayDay = (day: string | undefined) => (day === undefined ? "" : dayFormat.format(new Date(day)));

export type SpendDay = { day: string; dollars: number };

/** Bars without a library, in the places where the chart draws its own. */
export function PlainBars({ days }: { days: SpendDay[] }) {
  const most = Math.max(...days.map((day) => day.dollars), 0);
  const middle = days[Math.floor(days.length / 2)];
  return (
    <div className="flex h-full flex-col text-muted-foreground text-xs">
      <div className="flex min-h-0 flex-1 gap-2">
        <div className="flex w-14 flex-col items-end justify-between tabular-nums">
          <span>{formatMoney(usd(most))}</span>
          <span>$0.00</span>
        </div>
        <div className="flex min-w-0 flex-1 items-end gap-[max(1px,0.4%)] border-y">
          {days.map(({ day, dollars }) => (
            <div
              key={day}
              className="flex-1 rounded-t-xs bg-accent"
              style={{ height: `${most === 0 ? 0 : (dollars / most) * 100}%` }}
            />
          ))}
        </div>
      </div>
      <div className="flex justify-between pt-2 pl-16">
        <span>{sayDay(days[0]?.day)}</span>
        <span>{sayDay(middle?.day)}</span>
        <span>{sayDay(days.at(-1)?.day)}</span>
      </div>
    </div>
  );
}
