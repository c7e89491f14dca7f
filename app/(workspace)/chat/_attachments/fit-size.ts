export type Size = { width: number; height: number };

/** Returns a size that is scaled down until its longest side is at most `maxSide`; sides are at least 1. */
export function fitSize({ width, height }: Size, maxSide: number): Size {
  const factor = Math.min(1, maxSide / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  };
}
