import type { Tx } from "#db/client.ts";
import { type ModelOutage, readModelOutages, readUpstreams } from "#lib/usage/health/health-store.ts";
import type { UpstreamHealth } from "#lib/usage/health/judge-check.ts";
import { type ModelStatus, statusOf } from "#lib/usage/health/model-status.ts";
import { type Model, priceList, upstreamsInUse } from "#lib/usage/price-list.ts";

/** The health of all models, for the operator. */
export type HealthReport = {
  upstreams: (Partial<UpstreamHealth> & { upstream: string; baseUrl: string })[];
  models: { model: Model; status: ModelStatus; record: ModelOutage | undefined }[];
};

/** Reads the stored health of upstreams and models of the catalog, in the order of the catalog. */
export async function readHealthReport(tx: Tx): Promise<HealthReport> {
  const [checks, records] = await Promise.all([readUpstreams(tx), readModelOutages(tx)]);
  return {
    upstreams: upstreamsInUse().map(({ upstream: { name, baseUrl } }) => ({
      ...checks.find(({ upstream }) => upstream === name),
      upstream: name,
      baseUrl,
    })),
    models: priceList().map((model) => ({
      model,
      status: statusOf(model),
      record: records.find(
        ({ upstream, model: name }) => upstream === model.upstream && name === model.upstreamModel,
      ),
    })),
  };
}
