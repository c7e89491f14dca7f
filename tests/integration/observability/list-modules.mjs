import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

// Loaded with --import: writes the modules of OpenTelemetry and Sentry that the process has loaded to a file.
const loaded = [];
registerHooks({
  load(url, context, next) {
    if (/\/node_modules\/@(opentelemetry|sentry)\//.test(url)) loaded.push(url);
    return next(url, context);
  },
});
process.on("exit", () => writeFileSync(process.env.LOADED_MODULES, JSON.stringify(loaded)));
