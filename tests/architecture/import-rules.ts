import { mayImport, moduleOf } from "#tests/architecture/modules.ts";
import { allImports, type SourceFiles, toPath, withoutComments } from "#tests/architecture/source-files.ts";

const sdkPackages = /^(openai|stripe|nodemailer|@opentelemetry|@sentry)(\/|$)/;
/** The folder, or the beginning of the file's name, that may import an SDK. */
const sdkFolders: Record<string, string> = {
  openai: "lib/gateways/openai/",
  stripe: "lib/gateways/stripe/",
  nodemailer: "lib/gateways/mail",
  "@opentelemetry": "lib/gateways/telemetry/",
  "@sentry": "lib/gateways/sentry/",
};
const toolConfig = /^[\w.-]+\.config\.(ts|mjs)$/;
/** `instrumentation.ts` reads NEXT_RUNTIME, which Next.js replaces at build time. */
const mayReadEnvironment = /^lib\/core\/env\.ts$|^instrumentation\.ts$|^(sandbox|tests)\/|\.test\.tsx?$/;
const environmentRead =
  /process\s*(\?\.|\.)\s*env\b|process\[|\benv\b[^}\n]*}\s*=\s*process\b|["'](node:)?process["']/;

/** Imports against the order of the modules, or of the folders inside a module. Type imports count. */
export function findUpwardImports(files: SourceFiles): string[] {
  return allImports(files).flatMap(({ from, specifier }) => {
    const target = toPath(specifier);
    return target === undefined || mayImport(from, target) ? [] : [`${from} imports ${target}`];
  });
}

/** What the auditor may import besides its own files: its rules must not be those that grant the credit. */
const auditorImports =
  /^(db|lib\/core)\/|^lib\/billing\/catalog\/(plans|trial-offer)\.ts$|^lib\/gateways\/stripe\/client\.ts$/;
const auditor = "lib/billing/audit/";

/** Imports with which the auditor would share code with what it audits. */
export function findSharedAuditorCode(files: SourceFiles): string[] {
  return allImports(files)
    .filter(({ from }) => from.startsWith(auditor) && !/\.test\.tsx?$/.test(from))
    .map(({ from, specifier }) => ({ from, target: toPath(specifier) ?? "" }))
    .filter(({ target }) => target !== "" && !target.startsWith(auditor) && !auditorImports.test(target))
    .map(({ from, target }) => `${from} imports ${target}`);
}

/** Files that import themselves through other files. Type imports count. */
export function findCycles(files: SourceFiles): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, specifier } of allImports(files)) {
    const target = toPath(specifier);
    if (target !== undefined) targets.set(from, [...(targets.get(from) ?? []), target]);
  }
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(" -> "));
    if (start >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of files.keys()) visit(path, []);
  return cycles;
}

/** Imports of an SDK outside of lib/gateways. Stripe's browser package belongs to the app. */
export function findSdkImports(files: SourceFiles): string[] {
  return allImports(files)
    .filter(({ from }) => moduleOf(from) !== undefined)
    .filter(({ from, specifier }) =>
      specifier === "@stripe/stripe-js" ? moduleOf(from) !== "app" : !mayImportSdk(from, specifier),
    )
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}

function mayImportSdk(from: string, specifier: string): boolean {
  const [, sdk] = sdkPackages.exec(specifier) ?? [];
  if (sdk === undefined) return true;
  return from.startsWith(sdkFolders[sdk] ?? "");
}

/** Files that read the environment without being the environment module, a tool's configuration or a test. */
export function findEnvironmentReads(files: SourceFiles): string[] {
  return [...files]
    .filter(([path]) => /\.(ts|tsx|mjs)$/.test(path))
    .filter(([path]) => !mayReadEnvironment.test(path) && !toolConfig.test(path))
    .filter(([, source]) => environmentRead.test(withoutComments(source)))
    .map(([path]) => path);
}

/** Imports of the sandbox or of tests by code that runs in production. Its unit tests may import both. */
export function findSandboxImports(files: SourceFiles): string[] {
  return allImports(files)
    .filter(({ from }) => moduleOf(from) !== undefined && !/\.test\.tsx?$/.test(from))
    .filter(({ specifier }) => /^#(sandbox|tests)\/|(^|\/)sandbox\//.test(specifier))
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}

/**
 * Imports that Node.js, TypeScript and the bundler would not all resolve: relative ones, or without an
 * extension.
 */
export function findUnresolvableImports(files: SourceFiles): string[] {
  return allImports(files)
    .filter(({ from }) => moduleOf(from) !== undefined)
    .filter(({ specifier }) =>
      toPath(specifier) === undefined
        ? /^\.\.?\//.test(specifier) && !specifier.endsWith(".css")
        : !/\.\w+$/.test(specifier),
    )
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}

/** Imports of files that do not exist. */
export function findMissingImports(files: SourceFiles): string[] {
  return allImports(files)
    .filter(({ specifier }) => /\.(ts|tsx|mjs)$/.test(specifier))
    .filter(({ specifier }) => toPath(specifier) !== undefined && !files.has(toPath(specifier) ?? ""))
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}
