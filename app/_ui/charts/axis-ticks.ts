const stepFactors = [1, 2, 2.5, 5, 10];

/**
 * Round values for an axis, from zero to at least the largest value, in integer steps.
 * @param largest the largest value of the chart, an integer that is not negative
 * @param maxSteps how many steps the axis may have
 */
export function axisTicks(largest: number, maxSteps = 4): number[] {
  const smallestStep = Math.max(1, largest / maxSteps);
  const power = 10 ** Math.floor(Math.log10(smallestStep));
  const factor =
    stepFactors.find((one) => one * power >= smallestStep && Number.isInteger(one * power)) ?? 10;
  const step = factor * power;
  const count = Math.max(1, Math.ceil(largest / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}
