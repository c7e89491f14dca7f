const units = ["B", "KB", "MB", "GB"];

/** Formats a size in the largest unit that gives a number of at least one, without decimals. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1_024)));
  return `${Math.round(bytes / 1_024 ** power)} ${units[power]}`;
}
