/**
 * Whether `npm run dev` prints a line of the app's output. Next's banner is not printed, because all
 * addresses are printed together at the end; its log of requests and compilations only with a verbose log
 * level. Warnings and errors are always printed.
 * @param logLevel the LOG_LEVEL of the app
 */
export function isPrinted(line: string, logLevel: string | undefined): boolean {
  if (line.trim() === "" || /▲ Next|Local:|Network:|Ready in/.test(line)) return false;
  if (["info", "debug", "trace"].includes(logLevel ?? "")) return true;
  return !/^ ?(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/|^\s*[○✓] |^\s*└─ /.test(line);
}
