import { fileURLToPath } from "node:url";

/** The anchors use the product's own node_modules, four folders up. @type {import('next').NextConfig} */
const config = {
  outputFileTracingRoot: fileURLToPath(new URL("../../../..", import.meta.url)),
  serverExternalPackages: ["postgres"],
  typescript: { ignoreBuildErrors: true },
};

export default config;
