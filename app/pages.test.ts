import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isWorkspacePath, navLinks, type Page, pages } from "#app/pages.ts";

const files = new Map(
  globSync("app/**/page.tsx").map((file) => [toPath(file), file.replaceAll("\\", "/")] as const),
);

test("the list contains exactly the pages that have a folder", () => {
  expect(pages.map(({ path }) => path).sort()).toEqual([...files.keys()].sort());
});

test.each(pages)("$path is in the route group of its area", ({ path, area }) => {
  const group = area === "development" ? "public" : area;
  expect(files.get(path)).toMatch(new RegExp(`^app/\\(${group}\\)/`));
});

test.each(pages)("$path checks the session if and only if the list says so", (page) => {
  const guard = page.area === "operator" ? "requireOperator(" : "requireUser(";
  expect(sourceOf(page).includes(guard)).toBe(page.requiresSession);
});

test.each(pages.filter(({ title }) => title !== undefined))("$path takes its title from the list", (page) => {
  expect(sourceOf(page)).toContain(`pageMetadata("${page.path}"`);
});

test("the payment form is allowed on workspace pages and Checkout's return pages only", () => {
  for (const path of ["/chat", "/chat/0198b2a0", "/billing/plan", "/billing/success", "/usage", "/settings"])
    expect(isWorkspacePath(path), path).toBe(true);
  for (const path of ["/", "/pricing", "/sign-in", "/operator/customers", "/dev/emails", "/chats"])
    expect(isWorkspacePath(path), path).toBe(false);
});

test("the navigations link to the pages with a label, in the order of the list", () => {
  expect(navLinks("workspace").map(({ href }) => href)).toEqual(["/usage", "/billing", "/keys"]);
  expect(navLinks("operator").map(({ label }) => label)).toEqual([
    "operator",
    "operatorCustomers",
    "operatorEvents",
    "operatorModels",
    "operatorModeration",
    "operatorDrift",
    "operatorShares",
  ]);
});

function sourceOf({ path }: Page): string {
  return readFileSync(files.get(path) ?? "", "utf8");
}

function toPath(file: string): string {
  const path = file
    .replaceAll("\\", "/")
    .replace(/^app/, "")
    .replace(/\/page\.tsx$/, "")
    .replace(/\/\([^)]+\)/g, "");
  return path === "" ? "/" : path;
}
