import { expect, test } from "vitest";
import { filterCommands } from "#app/(workspace)/_shell/palette/filter-commands.ts";

const command = (id: string, label: string, keywords?: string) => ({
  id,
  label,
  run: () => {},
  ...(keywords !== undefined && { keywords }),
});
const groups = [
  { id: "go", label: "Go to", commands: [command("usage", "Usage"), command("keys", "API keys", "token")] },
  { id: "theme", label: "Theme", commands: [command("dark", "Dark"), command("light", "Hell, größer")] },
];
const found = (query: string) =>
  filterCommands(groups, query).flatMap(({ commands }) => commands.map(({ id }) => id));

test("commands are found by the beginnings of words in any order, by keywords, groups and without accents", () => {
  expect(found("")).toEqual(["usage", "keys", "dark", "light"]);
  expect(found("ke ap")).toEqual(["keys"]);
  expect(found("TOKEN")).toEqual(["keys"]);
  expect(found("theme da")).toEqual(["dark"]);
  expect(found("grosser")).toEqual([]);
  expect(found("grö")).toEqual(["light"]);
  expect(found("gro")).toEqual(["light"]);
  expect(found("ey")).toEqual([]);
  expect(found("?")).toEqual(["usage", "keys", "dark", "light"]);
});
