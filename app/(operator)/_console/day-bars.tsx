"use client";

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { type DayValue, sayDay, sayValue, type Unit } from "#app/(operator)/_console/plain-days.tsx";

const tick = { fill: "var(--muted-foreground)", fontSize: 12 };

export function DayBars({ days, unit, label }: { days: DayValue[]; unit: Unit; label: string }) {
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={days} margin={{ top: 4, right: 0, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--border)" />
        <XAxis
          dataKey="day"
          tickFormatter={sayDay}
          tickLine={false}
          axisLine={false}
          minTickGap={24}
          tick={tick}
        />
        <YAxis
          tickFormatter={(value) => sayValue(Number(value), unit)}
          tickLine={false}
          axisLine={false}
          allowDecimals={unit === "money"}
          width={72}
          tick={tick}
        />
        <Tooltip
          cursor={{ fill: "var(--muted)" }}
          labelFormatter={(day) => sayDay(String(day))}
          formatter={(value) => [sayValue(Number(value), unit), label]}
          contentStyle={{
            background: "var(--card)",
            border: "1px solid var(--border)",
            borderRadius: 8,
            fontSize: 13,
          }}
          itemStyle={{ color: "var(--foreground)" }}
        />
        <Bar
          dataKey="value"
          fill="var(--accent)"
          radius={[3, 3, 0, 0]}
          isAnimationActive={false}
          maxBarSize={28}
        />
      </BarChart>
    </ResponsiveContainer>
  );
}
