import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import type { MetricObjectWithValues, MetricValue } from "prom-client";
import { metrics } from "#lib/core/metrics.ts";

type Metric = MetricObjectWithValues<MetricValue<string>>;
/** A value of a histogram; prom-client names it after the metric, with a suffix. */
type HistogramValue = MetricValue<string> & { metricName?: string };

/** Offers the process's Prometheus metrics to OpenTelemetry, so that each metric is defined once. */
export function createMetricProducer(resource: Resource, beforeRead: () => Promise<void>): MetricProducer {
  const startTime = toHrTime(performance.timeOrigin);
  return {
    async collect() {
      const errors: unknown[] = [];
      await beforeRead().catch((error) => errors.push(error));
      const endTime = toHrTime(Date.now());
      const all = await metrics.registry.getMetricsAsJSON();
      const data = all.map((metric) => toMetricData(metric, { startTime, endTime }));
      const scopeMetrics = [{ scope: { name: "parley" }, metrics: data }];
      return { resourceMetrics: { resource, scopeMetrics }, errors };
    },
  };
}

type Period = { startTime: HrTime; endTime: HrTime };

function toMetricData(metric: Metric, period: Period): MetricData {
  const { name, help } = metric;
  const type: unknown = metric.type;
  const unit = /_seconds(_total)?$/.test(name) ? "s" : /_bytes$/.test(name) ? "By" : "1";
  const common = {
    descriptor: { name, description: help, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (type === "histogram") {
    const dataPoints = toHistograms(name, metric.values, period);
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = metric.values.map(({ value, labels }) => ({
    ...period,
    value,
    attributes: { ...labels },
  }));
  if (type === "counter")
    return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  return { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}

type OpenHistogram = { attributes: Attributes; bounds: number[]; cumulative: number[]; sum: number };

/** Prometheus counts the values up to a bound, OpenTelemetry those between two bounds. */
function toHistograms(name: string, values: HistogramValue[], period: Period): DataPoint<Histogram>[] {
  const open = new Map<string, OpenHistogram>();
  for (const { metricName, value, labels } of values) {
    const { le, ...attributes } = labels;
    const key = JSON.stringify(Object.entries(attributes).sort());
    const histogram = open.get(key) ?? { attributes, bounds: [], cumulative: [], sum: 0 };
    open.set(key, histogram);
    if (metricName === `${name}_sum`) histogram.sum = value;
    if (metricName !== `${name}_bucket`) continue;
    histogram.cumulative.push(value);
    if (le !== "+Inf") histogram.bounds.push(Number(le));
  }
  return [...open.values()].map(({ attributes, bounds, cumulative, sum }) => ({
    ...period,
    attributes,
    value: {
      buckets: {
        boundaries: bounds,
        counts: cumulative.map((count, index) => count - (cumulative[index - 1] ?? 0)),
      },
      sum,
      count: cumulative.at(-1) ?? 0,
    },
  }));
}

function toHrTime(ms: number): HrTime {
  return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1_000_000)];
}
