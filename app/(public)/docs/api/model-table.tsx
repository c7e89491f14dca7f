import { useLocale, useTranslations } from "next-intl";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { Section } from "#app/(public)/docs/api/section.tsx";
import { planList } from "#lib/billing/catalog/plans.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { priceList } from "#lib/usage/price-list.ts";

/** The models of GET /api/v1/models with their prices; those of the sandbox fail on purpose. */
export function ModelTable() {
  const t = useTranslations("apiDocs.models");
  const { moneyIn, count } = formatsFor(useLocale());
  const models = priceList().filter(({ id, listed }) => listed && !id.startsWith("sandbox-"));
  const input = moneyIn(models.map(({ price }) => price.inputMicrosPerMillion));
  const output = moneyIn(models.map(({ price }) => price.outputMicrosPerMillion));
  return (
    <Section id="models">
      <p className="text-pretty leading-relaxed">{t("body")}</p>
      <Table aria-label={t("title")} className="min-w-136">
        <TableHeader>
          <TableRow>
            <TableHead>{t("model")}</TableHead>
            <TableHead>{t("plan")}</TableHead>
            <TableHead className="text-right">{t("context")}</TableHead>
            <TableHead className="text-right">{t("input")}</TableHead>
            <TableHead className="text-right">{t("output")}</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {models.map(({ id, gate, kind, contextWindow, price }) => (
            <TableRow key={id}>
              <TableCell className="font-mono text-[0.8125rem]">{id}</TableCell>
              <TableCell>{planList.find(({ gates }) => gates.includes(gate))?.name}</TableCell>
              <TableCell className="text-right tabular-nums">
                {t("tokens", { count: count(contextWindow) })}
              </TableCell>
              <TableCell className="text-right tabular-nums">{input(price.inputMicrosPerMillion)}</TableCell>
              <TableCell className="text-right tabular-nums">
                {kind === "chat" && output(price.outputMicrosPerMillion)}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Section>
  );
}
