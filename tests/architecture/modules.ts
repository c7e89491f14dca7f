/** The modules from top to bottom. A module imports only modules of lower levels. */
const moduleLevels = [
  ["app"],
  ["lib/jobs"],
  ["lib/chat"],
  ["lib/billing"],
  ["lib/usage"],
  ["lib/accounts"],
  ["db", "lib/gateways"],
  ["lib/core"],
];

/** The folders inside a module from top to bottom, for modules whose folders have an order. */
const folderLevels: Record<string, string[][]> = {
  "lib/billing": [
    ["operator"],
    ["reconcile"],
    ["audit"],
    ["reports"],
    ["actions"],
    ["sync"],
    ["emails"],
    ["credit"],
    ["entitlements"],
    ["customer"],
    ["catalog"],
  ],
  "lib/chat": [
    ["sharing"],
    ["portability"],
    ["conversations", "search", "start", "api"],
    ["generation"],
    ["moderation"],
    ["files"],
  ],
};

/** Files at the root that Next.js looks for belong to the app. */
const appAtRoot = /^(instrumentation|proxy)\.ts$/;

/** Returns the module of a file; undefined for the sandbox, tests and configuration. */
export function moduleOf(path: string): string | undefined {
  if (appAtRoot.test(path)) return "app";
  return moduleLevels.flat().find((module) => path.startsWith(`${module}/`));
}

/** Says whether a file may import another one by the order of modules and of the folders inside a module. */
export function mayImport(from: string, target: string): boolean {
  const [fromModule, targetModule] = [moduleOf(from), moduleOf(target)];
  if (fromModule === undefined || targetModule === undefined) return true;
  if (fromModule !== targetModule)
    return levelOf(moduleLevels, targetModule) > levelOf(moduleLevels, fromModule);
  return mayImportFolder(fromModule, folderOf(from, fromModule), folderOf(target, fromModule));
}

function mayImportFolder(module: string, from: string | undefined, target: string | undefined): boolean {
  const levels = folderLevels[module];
  if (levels === undefined || from === target) return true;
  const [fromLevel, targetLevel] = [levelOf(levels, from), levelOf(levels, target)];
  return fromLevel >= 0 && targetLevel > fromLevel;
}

function levelOf(levels: string[][], name: string | undefined): number {
  return levels.findIndex((level) => name !== undefined && level.includes(name));
}

/** Returns the first folder below the module; undefined for a file directly in it. */
function folderOf(path: string, module: string): string | undefined {
  const [folder, ...rest] = path.slice(module.length + 1).split("/");
  return rest.length === 0 ? undefined : folder;
}
