import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localize } from "#lib/core/locale.ts";
import { readModelsFile } from "#lib/usage/models-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "models-file-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: unknown) {
  const path = join(folder, "models.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return readModelsFile(path);
}

/** What the reader says of a file, a line a fault, without the headline. */
function faultsOf(content: unknown): string[] {
  try {
    read(content);
  } catch (error) {
    return String(error).split("\n  - ").slice(1);
  }
  return [];
}

const model = (id: string, over: object = {}) => ({
  id,
  label: id.toUpperCase(),
  costUsdPerMillion: { input: 1, output: 2 },
  ...over,
});
const upstream = (name: string) => ({ name, baseUrl: `https://${name}.example/v1`, apiKeyEnv: "SOME_KEY" });

test("readModelsFile reads a file with two upstreams and fills in defaults", () => {
  const file = read({
    upstreams: [upstream("one"), upstream("two")],
    models: [
      model("a", { upstream: "one", fallback: "b" }),
      model("b", { upstream: "two", gate: "pro" }),
      model("c"),
    ],
    titleModel: "b",
  });
  expect(file.upstreams.map(({ name }) => name)).toEqual(["one", "two"]);
  expect(file.models.map(({ id, upstream, gate, kind }) => [id, upstream, gate, kind])).toEqual([
    ["a", "one", "free", "chat"],
    ["b", "two", "pro", "chat"],
    ["c", undefined, "free", "chat"],
  ]);
  expect(file).toMatchObject({ titleModel: "b" });
});

test("the example in docs/models.md is valid", () => {
  const [, example] = /```json\n([\s\S]+?)```/.exec(readFileSync("docs/models.md", "utf8")) ?? [];
  const file = read(example ?? "");
  expect(file.upstreams).toHaveLength(2);
  expect(file.models.filter(({ priceUsdPerMillion }) => priceUsdPerMillion !== undefined)).toHaveLength(1);
});

test("readModelsFile names the path of a file that is missing or not JSON", () => {
  expect(() => readModelsFile(join(folder, "nowhere.json"))).toThrow(
    /MODELS_FILE .*nowhere\.json could not be read/,
  );
  expect(() => read("{ models: ")).toThrow(/MODELS_FILE .*models\.json could not be read as JSON/);
});

test("readModelsFile lists every unknown name", () => {
  expect(
    faultsOf({
      upstreams: [upstream("one")],
      models: [model("a", { upstream: "two", fallback: "z" }), model("b", { upstream: "default" })],
      defaultModel: "x",
      titleModel: "y",
      moderation: { upstream: "three" },
    }),
  ).toEqual([
    'defaultModel is "x", which the file does not list',
    'titleModel is "y", which the file does not list',
    'the fallback of a is "z", which the file does not list',
    'moderation names the upstream "three", which the file does not list',
    'a names the upstream "two", which the file does not list',
  ]);
});

test("readModelsFile refuses two models with the same id", () => {
  expect(faultsOf({ models: [model("a"), model("b"), model("a")] })).toEqual(["two models have the same id"]);
});

test("readModelsFile refuses a key in the file, a negative price, a markup below 1 and unknown fields", () => {
  const faults = faultsOf({
    upstreams: [{ ...upstream("one"), apiKeyEnv: "sk-a-key-itself" }],
    models: [model("a", { costUsdPerMillion: { input: -1, output: 2 } }), model("b", { prize: 1 })],
    markup: 0.9,
  });
  expect(faults.map((fault) => fault.split(":")[0])).toEqual([
    "upstreams.0.apiKeyEnv",
    "models.0.costUsdPerMillion.input",
    "models.1",
    "markup",
  ]);
  expect(faults.join("\n")).toContain("prize");
  expect(faults.join("\n")).not.toContain("sk-a-key-itself");
});

test("readModelsFile refuses a file without models", () => {
  expect(faultsOf({ models: [] })).toHaveLength(1);
  expect(faultsOf([])).toHaveLength(1);
});

test("a model's description is one text for all languages, or a text for each", () => {
  const german = { en: "Fast.", de: "Schnell." };
  const file = read({ models: [model("a", { description: "Fast." }), model("b", { description: german })] });
  expect(file.models.map(({ description }) => localize(description, "de"))).toEqual(["Fast.", "Schnell."]);
  expect(faultsOf({ models: [model("a", { description: { en: "Fast." } })] })).toHaveLength(1);
});
