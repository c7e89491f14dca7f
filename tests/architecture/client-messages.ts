import { importsOf, type SourceFiles, toPath } from "#tests/architecture/source-files.ts";

/**
 * Message files that client components use and that neither their page nor a layout above passes to
 * `ClientMessages`. Such a text would be missing in the browser.
 */
export function findMissingClientMessages(files: SourceFiles): string[] {
  const roots = [...files.keys()].filter((path) =>
    /^app\/(.*\/)?(page|layout|loading|error|not-found)\.tsx$/.test(path),
  );
  return roots.flatMap((root) => {
    const provided = new Set([...layoutsOf(root, files), root].flatMap((path) => providedBy(path, files)));
    return [...usedBy(root, files)]
      .filter(([namespace]) => !provided.has(namespace))
      .map(([namespace, path]) => `${root}: ${path} uses "${namespace}"`);
  });
}

/** The layouts around a page, from the root. */
function layoutsOf(page: string, files: SourceFiles): string[] {
  const folders = page.split("/").slice(0, -1);
  return folders
    .map((_, index) => `${folders.slice(0, index + 1).join("/")}/layout.tsx`)
    .filter((path) => files.has(path) && path !== page);
}

/** The namespaces that a file and the server components that it renders pass to the browser. */
function providedBy(path: string, files: SourceFiles): string[] {
  return [...reachable(path, files)].flatMap((file) =>
    [...(files.get(file) ?? "").matchAll(/<ClientMessages[^>]*\bof=\{\[([^\]]*)\]\}/g)].flatMap(
      ([, list = ""]) => [...list.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name),
    ),
  );
}

/** The namespaces that client components below a file use, with one of the files. */
function usedBy(root: string, files: SourceFiles): Map<string, string> {
  const used = new Map<string, string>();
  for (const path of clientFiles(root, files)) {
    for (const [, namespace = ""] of (files.get(path) ?? "").matchAll(/\buseTranslations\("(\w+)/g))
      used.set(namespace, path);
  }
  return used;
}

/** Files with "use client" that a file reaches, and everything that those import. */
function clientFiles(root: string, files: SourceFiles): Set<string> {
  const boundaries = [...reachable(root, files)].filter((path) => isClient(path, files));
  return new Set(boundaries.flatMap((path) => [...reachable(path, files)]));
}

function isClient(path: string, files: SourceFiles): boolean {
  return /^\s*["']use client["']/.test(files.get(path) ?? "");
}

/** The modules that a file imports, directly or through others; browsers load no server actions. */
function reachable(root: string, files: SourceFiles): Set<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path) || /^\s*["']use server["']/.test(files.get(path) ?? "")) return;
    found.add(path);
    for (const { specifier } of importsOf(path, files.get(path) ?? "")) {
      const target = toPath(specifier);
      if (target?.startsWith("app/") && files.has(target)) visit(target);
    }
  };
  visit(root);
  return found;
}
