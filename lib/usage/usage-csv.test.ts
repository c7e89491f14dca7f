import fc from "fast-check";
import { expect, it } from "vitest";
import { fillDays } from "#lib/usage/reports.ts";
import { toCsv, usageCsv } from "#lib/usage/usage-csv.ts";

it("a cell that a spreadsheet would read as a formula is escaped", () => {
  expect(toCsv(["name"], [['=HYPERLINK("http://evil")'], ["@SUM(A1)"], ["-1+1"]])).toBe(
    'name\r\n"\'=HYPERLINK(""http://evil"")"\r\n\'@SUM(A1)\r\n\'-1+1\r\n',
  );
});

it("a number with a sign stays a number", () => {
  const cells = ["-5", "+3.5 %", "-1.234,50", "-5+A1", "-"];
  expect(toCsv(cells, [])).toBe("-5,+3.5 %,\"-1.234,50\",'-5+A1,'-\r\n");
});

it("any cell content keeps the rows and columns of the table", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (rows) => {
      const csv = toCsv(["a", "b"], rows);
      const outside = csv.replace(/"(?:[^"]|"")*"/g, "x");
      expect(outside.match(/\r\n/g)).toHaveLength(rows.length + 1);
      expect(outside.match(/,/g)).toHaveLength(rows.length + 1);
    }),
  );
});

it("amounts keep all six digits", () => {
  const row = {
    group: "2026-11-01",
    requests: 2,
    promptTokens: 10,
    completionTokens: 5,
    chargedMicros: 1_000_001,
  };
  expect(usageCsv("day", [row])).toContain("2026-11-01,2,10,5,1.000001\r\n");
});

it("a day without usage has zeros", () => {
  const used = { group: "2026-02-28", requests: 1, promptTokens: 1, completionTokens: 1, chargedMicros: 7 };
  const days = fillDays([used], { from: "2026-02-27", to: "2026-03-01" });
  expect(days.map(({ group, chargedMicros }) => [group, chargedMicros])).toEqual([
    ["2026-02-27", 0],
    ["2026-02-28", 7],
    ["2026-03-01", 0],
  ]);
});
