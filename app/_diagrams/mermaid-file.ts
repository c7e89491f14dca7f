import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { mermaidVersion } from "#app/_diagrams/diagram-paths.ts";
import { notFound } from "#lib/core/errors.ts";

/** The package is not bundled: its files are modules that the frame loads one by one. */
const folder = join(/* turbopackIgnore: true */ process.cwd(), "node_modules", "mermaid", "dist");
const brotli = promisify(brotliCompress);
const encoders = {
  br: (file: Buffer) => brotli(file, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
  gzip: promisify(gzip),
};
type Encoding = keyof typeof encoders | "identity";

/** Compressed files in memory; a page that shows all kinds of diagrams loads about 60. */
const cache = new Map<string, Promise<Buffer>>();

/**
 * Returns a module of Mermaid's browser build.
 * @param version of the address; only the installed one exists
 * @throws AppError not_found
 */
export async function mermaidFile(
  version: string,
  file: string,
  acceptEncoding: string | null,
): Promise<Response> {
  if (version !== mermaidVersion || !/^(chunks\/mermaid\.esm\.min\/)?[\w-]+(\.esm\.min)?\.mjs$/.test(file))
    throw notFound("page");
  const encoding: Encoding = /\bbr\b/.test(acceptEncoding ?? "")
    ? "br"
    : /\bgzip\b/.test(acceptEncoding ?? "")
      ? "gzip"
      : "identity";
  const bytes = await load(file, encoding);
  return new Response(new Uint8Array(bytes), {
    headers: {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
      // The frame has no origin, so its modules are requested as those of another site.
      "access-control-allow-origin": "*",
      vary: "accept-encoding",
      ...(encoding !== "identity" && { "content-encoding": encoding }),
    },
  });
}

function load(file: string, encoding: Encoding): Promise<Buffer> {
  const key = `${encoding} ${file}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const loading = readFile(join(folder, file)).then(
    (bytes) => (encoding === "identity" ? bytes : encoders[encoding](bytes)),
    () => {
      throw notFound("page");
    },
  );
  cache.set(key, loading);
  loading.catch(() => cache.delete(key));
  return loading;
}
