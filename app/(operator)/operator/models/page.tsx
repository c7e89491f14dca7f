import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { OperatorActionButton } from "#app/(operator)/_console/operator-action-button.tsx";
import { Section } from "#app/(operator)/_console/section.tsx";
import { ModelTable } from "#app/(operator)/_console/tables/model-table.tsx";
import { RatingTable } from "#app/(operator)/_console/tables/rating-table.tsx";
import { UpstreamTable } from "#app/(operator)/_console/tables/upstream-table.tsx";
import { checkModelsAction } from "#app/(operator)/operator/actions.ts";
import { db } from "#db/client.ts";
import { countRatings } from "#lib/chat/conversations/rate-answer.ts";
import { readHealthReport } from "#lib/usage/health/health-report.ts";

export const generateMetadata = pageMetadata("/operator/models");

export default async function OperatorModelsPage() {
  await requireOperator();
  const t = await getTranslations("operator.models");
  const ratingTexts = await getTranslations("operator.ratings");
  const [{ upstreams, models }, ratings] = await Promise.all([readHealthReport(db()), countRatings(db())]);
  const at = new Date();
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t("lead")}
        actions={<OperatorActionButton action={checkModelsAction}>{t("check")}</OperatorActionButton>}
      />
      <div className="flex flex-col gap-10">
        <Section title={t("upstreams")} empty="" isEmpty={false}>
          <UpstreamTable upstreams={upstreams} at={at} />
        </Section>
        <Section title={t("models")} empty="" isEmpty={false}>
          <ModelTable models={models} at={at} />
        </Section>
        <Section title={ratingTexts("title")} empty={ratingTexts("empty")} isEmpty={ratings.length === 0}>
          <RatingTable ratings={ratings} />
        </Section>
      </div>
    </>
  );
}
