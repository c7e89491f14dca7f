import {
  type Import,
  importsOf,
  ownPath,
  type SourceFiles,
  withoutComments,
} from "#tests/architecture/source-files.ts";

/** The rooms from the top down; whoever stands on the same step does not know the other. */
const steps = [
  ["app"],
  ["lib/jobs"],
  ["lib/chat"],
  ["lib/billing"],
  ["lib/usage"],
  ["lib/accounts"],
  ["db", "lib/gateways"],
  ["lib/core"],
];

/** Programs started by name, which nobody imports; they may use every room. */
const programs = /^db\/seed(\.ts$|\/)/;
/** What Next.js looks for at the root belongs to the app. */
const appAtRoot = /^(instrumentation|proxy)\.ts$/;
const toolConfig = /^[\w.-]+\.config\.(ts|mjs)$/;
const mayReadEnvironment = /^lib\/core\/env\.ts$|^instrumentation\.ts$|^sandbox\/|\.test\.tsx?$/;
const gatewayOnly = /^(openai|stripe|nodemailer)(\/|$)/;
const longestFile = 300;

/** The room a file belongs to, or undefined outside of the house. */
function roomOf(path: string): string | undefined {
  if (appAtRoot.test(path) || programs.test(path)) return "app";
  return steps.flat().find((room) => path.startsWith(`${room}/`));
}

function stepOf(room: string): number {
  return steps.findIndex((rooms) => rooms.includes(room));
}

function allImports(files: SourceFiles): Import[] {
  return [...files].flatMap(([path, source]) => importsOf(path, source));
}

/** Imports that lead upward, or across to a neighbour. */
export function findClimbs(files: SourceFiles): string[] {
  return allImports(files).flatMap(({ from, specifier }) => {
    const target = ownPath(specifier);
    const here = roomOf(from);
    const there = target === undefined ? undefined : roomOf(target);
    if (here === undefined || there === undefined || here === there) return [];
    return stepOf(there) > stepOf(here) ? [] : [`${from} imports ${target}`];
  });
}

/** Programs that somebody imports. */
export function findImportedPrograms(files: SourceFiles): string[] {
  return allImports(files)
    .filter(({ from, specifier }) => programs.test(ownPath(specifier) ?? "") && !programs.test(from))
    .filter(({ from }) => roomOf(from) !== undefined && !from.endsWith(".test.ts"))
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}

/** Files that, followed through their imports, come back to themselves. Types alone make no circle. */
export function findCircles(files: SourceFiles): string[] {
  const next = new Map<string, string[]>();
  for (const { from, specifier, typeOnly } of allImports(files)) {
    const target = ownPath(specifier);
    if (target !== undefined && !typeOnly) next.set(from, [...(next.get(from) ?? []), target]);
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) circles.push([...trail.slice(start), path].join(" -> "));
    if (start >= 0 || done.has(path)) return;
    for (const target of next.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of files.keys()) walk(path, []);
  return circles;
}

/** SDKs imported outside of the gateways. Stripe's script for browsers belongs to the app. */
export function findStraySdks(files: SourceFiles): string[] {
  return allImports(files)
    .filter(({ from }) => roomOf(from) !== undefined)
    .filter(({ from, specifier }) =>
      specifier === "@stripe/stripe-js"
        ? roomOf(from) !== "app"
        : gatewayOnly.test(specifier) && roomOf(from) !== "lib/gateways",
    )
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}

/** Reads of the environment anywhere but in the one file that checks it. */
export function findEnvironmentReads(files: SourceFiles): string[] {
  return [...files]
    .filter(([path]) => !mayReadEnvironment.test(path) && !toolConfig.test(path))
    .filter(([, source]) =>
      /process\s*(\?\.|\.)\s*env\b|process\[|\benv\b[^}\n]*}\s*=\s*process\b|["'](node:)?process["']/.test(
        withoutComments(source),
      ),
    )
    .map(([path]) => path);
}

/** The sandbox imported by what runs in production. */
export function findSandboxImports(files: SourceFiles): string[] {
  return allImports(files)
    .filter(
      ({ from, specifier }) => roomOf(from) !== undefined && /^#sandbox\/|(^|\/)sandbox\//.test(specifier),
    )
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}

/** Own files imported in a way that Node, TypeScript and the bundler would not all understand. */
export function findOddImports(files: SourceFiles): string[] {
  return allImports(files)
    .filter(({ from }) => roomOf(from) !== undefined)
    .filter(({ specifier }) =>
      ownPath(specifier) === undefined
        ? /^\.\.?\//.test(specifier) && !specifier.endsWith(".css")
        : !/\.\w+$/.test(specifier),
    )
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}

/** Own files that are imported and are not there. */
export function findMissingImports(files: SourceFiles): string[] {
  return allImports(files)
    .filter(
      ({ specifier }) => /^#(app|lib|db)\/.*\.tsx?$/.test(specifier) && !files.has(ownPath(specifier) ?? ""),
    )
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}

/** Files with two reasons to change. Tests are lists of guarantees and may be longer; the sandbox is a world of its own. */
export function findLongFiles(files: SourceFiles): string[] {
  return [...files]
    .filter(([path]) => roomOf(path) !== undefined && !/\.test\.tsx?$/.test(path))
    .filter(([, source]) => source.split("\n").length - 1 > longestFile)
    .map(([path, source]) => `${path} has ${source.split("\n").length - 1} lines`);
}

/** Files named for nothing in particular. */
export function findVagueNames(files: SourceFiles): string[] {
  return [...files.keys()].filter((path) =>
    /(^|\/)(utils?|helpers?|types|constants|index|common|misc)\.tsx?$/.test(path),
  );
}

/** Paths that a document names in code or as a link, as far as they look like ours. */
export function pathsNamedIn(markdown: string): string[] {
  const inCode = [...markdown.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  const inLinks = [...markdown.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? "");
  const ourFolder = /^(app|lib|db|drizzle|sandbox|tests|docs|public|\.ci|\.github)\/[\w./()[\]-]*$/;
  const ourFile = /^[\w.-]+\.(md|json|yaml|ts|mjs)$|^(LICENSE|Dockerfile|\.env\.example)$/;
  const relativeLinks = inLinks.filter((target) => !/^[a-z]+:/.test(target));
  return [
    ...new Set([...inCode.filter((text) => ourFolder.test(text) || ourFile.test(text)), ...relativeLinks]),
  ];
}
