import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { ImageHostsForm } from "#app/(operator)/_console/image-hosts-form.tsx";
import { ModerationForm } from "#app/(operator)/_console/moderation-form.tsx";
import { Section } from "#app/(operator)/_console/section.tsx";
import { VerdictTable } from "#app/(operator)/_console/tables/verdict-table.tsx";
import { db } from "#db/client.ts";
import { planList } from "#lib/billing/catalog/plans.ts";
import { imageHostsSetting } from "#lib/chat/images/image-hosts.ts";
import { listVerdicts } from "#lib/chat/moderation/list-verdicts.ts";
import { moderationSetting } from "#lib/chat/moderation/settings.ts";
import { moderationTarget } from "#lib/usage/price-list.ts";

export const generateMetadata = pageMetadata("/operator/moderation");

const maxVerdicts = 50;

export default async function OperatorModerationPage() {
  await requireOperator();
  const t = await getTranslations("operator.moderation");
  const [{ modes, onFailure }, imageHosts, verdicts] = await Promise.all([
    moderationSetting.read(db()),
    imageHostsSetting.read(db()),
    listVerdicts(db(), maxVerdicts),
  ]);
  const plans = planList.map(({ id, name }) => ({ id, name, mode: modes[id] ?? "off" }));
  return (
    <>
      <PageHeader title={t("title")} description={t("lead", { model: moderationTarget().model })} />
      <div className="flex flex-col gap-10">
        <section aria-labelledby="moderation-settings">
          <h2 id="moderation-settings" className="mb-2 font-semibold">
            {t("settings")}
          </h2>
          <ClientMessages of={["moderationForm"]}>
            <ModerationForm plans={plans} onFailure={onFailure} />
          </ClientMessages>
        </section>
        <section aria-labelledby="image-hosts">
          <h2 id="image-hosts" className="mb-2 font-semibold">
            {t("images")}
          </h2>
          <ClientMessages of={["moderationForm"]}>
            <ImageHostsForm hosts={imageHosts} />
          </ClientMessages>
        </section>
        <Section title={t("records")} empty={t("noRecords")} isEmpty={verdicts.length === 0}>
          <VerdictTable verdicts={verdicts} />
        </Section>
      </div>
    </>
  );
}
