/** An exact rational number in lowest terms; the denominator is above zero. */
export type Fraction = { n: bigint; d: bigint };

export const zero: Fraction = { n: 0n, d: 1n };
export const one: Fraction = { n: 1n, d: 1n };

/** Creates a fraction. @throws RangeError for a denominator of zero */
export function fraction(n: bigint | number, d: bigint | number = 1): Fraction {
  const [top, bottom] = [BigInt(n), BigInt(d)];
  if (bottom === 0n) throw new RangeError("A fraction has no denominator of zero.");
  const divisor = gcd(top, bottom) * (bottom < 0n ? -1n : 1n);
  return { n: top / divisor, d: bottom / divisor };
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

export function add(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function subtract(a: Fraction, b: Fraction): Fraction {
  return add(a, { n: -b.n, d: b.d });
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.n, a.d * b.d);
}

export function isLess(a: Fraction, b: Fraction): boolean {
  return a.n * b.d < b.n * a.d;
}

export function min(a: Fraction, b: Fraction): Fraction {
  return isLess(a, b) ? a : b;
}

export function max(a: Fraction, b: Fraction): Fraction {
  return isLess(a, b) ? b : a;
}

/** Returns the next whole number at or below a fraction. */
export function floor({ n, d }: Fraction): number {
  return Number(n >= 0n ? n / d : -((-n + d - 1n) / d));
}

/** Returns the next whole number at or above a fraction. */
export function ceil({ n, d }: Fraction): number {
  return -floor({ n: -n, d });
}
