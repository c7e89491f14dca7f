import type { SourceFiles } from "#tests/architecture/source-files.ts";

const maxLines = 300;
const maxCommentColumns = 110;
const maxFilesPerFolder = 22;
const maxSandboxFilesPerFolder = 30;
const vagueName = /(^|\/)(utils?|helpers?|types|constants|index|common|misc)\.(tsx?|mjs)$/;
/** The definition of the sets of subscription statuses. */
const statusSets = "lib/billing/customer/subscription-statuses.ts";

/** Files of more than 300 lines. Tests are lists of guarantees and may be longer. */
export function findLongFiles(files: SourceFiles): string[] {
  return [...files]
    .filter(([path]) => !/\.(test|spec)\.tsx?$/.test(path))
    .map(([path, source]) => ({ path, lines: source.split("\n").length - 1 }))
    .filter(({ lines }) => lines > maxLines)
    .map(({ path, lines }) => `${path} has ${lines} lines`);
}

/** Files whose name says nothing about their content. */
export function findVagueNames(files: SourceFiles): string[] {
  return [...files.keys()].filter((path) => vagueName.test(path));
}

/** Comment lines of more than 110 columns. A line without spaces, such as a URL, cannot be wrapped. */
export function findWideComments(files: SourceFiles): string[] {
  return [...files].flatMap(([path, source]) =>
    source
      .split("\n")
      .map((line, index) => ({ line, number: index + 1 }))
      .filter(({ line }) => line.length > maxCommentColumns && isComment(path, line))
      .map(({ number }) => `${path}:${number}`),
  );
}

function isComment(path: string, line: string): boolean {
  if (path.endsWith(".sql")) return /(^|\s)--\s/.test(line);
  return /^\s*(\/\/|\/?\*)|[\s;,{}]\/\/ |\/\* .*\*\//.test(line) && !/^\s*\S*$/.test(line);
}

/**
 * Folders with too many source files: more than 22 in lib, app and db, more than 30 in the sandbox. Tests
 * beside the code and message files, of which each screen has one, do not count.
 */
export function findLargeFolders(files: SourceFiles): string[] {
  const counts = new Map<string, number>();
  for (const path of files.keys()) {
    if (!/^(lib|app|db|sandbox)\//.test(path) || /\.test\.tsx?$|\.sql$|^app\/_messages\//.test(path))
      continue;
    const folder = path.slice(0, path.lastIndexOf("/"));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(
      ([folder, count]) =>
        count > (folder.startsWith("sandbox/") ? maxSandboxFilesPerFolder : maxFilesPerFolder),
    )
    .map(([folder, count]) => `${folder} has ${count} files`);
}

/** Lists of subscription statuses in lib and app outside of the file that defines them. */
export function findStatusSets(files: SourceFiles): string[] {
  return [...files]
    .filter(([path]) => /^(lib|app)\//.test(path) && !/\.test\.tsx?$/.test(path) && path !== statusSets)
    .filter(([, source]) => /[[(][^\])]*["']trialing["'],\s*["'][a-z_]+["'][^\])]*[\])]/.test(source))
    .map(([path]) => path);
}

/** Paths of the repository that a document names as code or as a link. */
export function pathsNamedIn(markdown: string): string[] {
  const inCode = [...markdown.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  const inLinks = [...markdown.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? "");
  const folder = /^(app|lib|db|drizzle|sandbox|tests|docs|public|\.ci|\.github|\.vscode)\/[\w./()[\]-]*$/;
  const file =
    /^[\w.-]+\.(md|json|yaml|ts|mjs)$|^(LICENSE|Dockerfile|\.env\.example|\.nvmrc|\.editorconfig)$/;
  // A placeholder such as `db/functions/NAME.sql` or `app/api/.../route.ts` names no file.
  const placeholder = /\.\.\.|\bNAME\b/;
  const relativeLinks = inLinks.filter((target) => !/^[a-z]+:/.test(target));
  const paths = inCode.filter((text) => (folder.test(text) || file.test(text)) && !placeholder.test(text));
  return [...new Set([...paths, ...relativeLinks])];
}
