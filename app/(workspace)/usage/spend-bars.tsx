"use client";

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { SpendDay } from "#app/(workspace)/usage/plain-bars.tsx";
import { formatMoney, usd } from "#lib/core/money.ts";

const dayFormat = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const sayDay = (day: string) => dayFormat.format(new Date(day));
const sayMoney = (dollars: number) => formatMoney(usd(dollars));

export function SpendBars({ days }: { days: SpendDay[] }) {
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
          tick={{ fill: "var(--muted-foreground)", fontSize: 12 }}
        />
        <YAxis
          tickFormatter={sayMoney}
          tickLine={false}
          axisLine={false}
          width={64}
          tick={{ fill: "var(--muted-foreground)", fontSize: 12 }}
        />
        <Tooltip
          cursor={{ fill: "var(--muted)" }}
          labelFormatter={(label) => sayDay(String(label))}
          formatter={(value) => [sayMoney(Number(value)), "Spent"]}
          contentStyle={{
            background: "var(--card)",
            border: "1px solid var(--border)",
            borderRadius: 8,
            fontSize: 13,
          }}
          itemStyle={{ color: "var(--foreground)" }}
        />
        <Bar
          dataKey="dollars"
          fill="var(--accent)"
          radius={[3, 3, 0, 0]}
          isAnimationActive={false}
          maxBarSize={28}
        />
      </BarChart>
    </ResponsiveContainer>
  );
}
