import { useTranslations } from "next-intl";
import { BalanceAmount, Money } from "#app/_ui/formats/money.tsx";
import { TimeAgo } from "#app/_ui/formats/time-ago.tsx";
import { Stat, StatList } from "#app/(operator)/_console/stat.tsx";
import { StatusBadge } from "#app/(operator)/_console/tables/customer-table.tsx";
import type { CustomerSummary } from "#lib/billing/operator/customer-list.ts";

/** A customer's plan, balance, spending, payments and margin. */
export function CustomerStats({ line }: { line: CustomerSummary }) {
  const t = useTranslations("operator");
  return (
    <StatList label={t("customer.totals")}>
      <Stat
        label={t("customers.plan")}
        value={line.planName}
        note={
          line.status === null ? (
            t("customer.neverSubscribed")
          ) : (
            <>
              <StatusBadge status={line.status} />{" "}
              {line.syncedAt !== null && <SyncedAgo at={line.syncedAt} />}
            </>
          )
        }
      />
      <Stat
        label={t("customers.balance")}
        value={<BalanceAmount micros={line.balanceMicros} />}
        note={t("customer.balanceNote")}
      />
      <Stat
        label={t("customers.spent")}
        value={<Money micros={line.spentMicros} />}
        note={t("customer.spentNote")}
      />
      <Stat
        label={t("customers.paid")}
        value={<Money micros={line.paidMicros} />}
        note={t("customer.paidNote")}
      />
      <Stat
        label={t("customers.modelCost")}
        value={<Money micros={line.costMicros} />}
        note={t("customer.modelCostNote")}
      />
      <Stat
        label={t("customers.margin")}
        value={<Money micros={line.marginMicros} />}
        note={t("customer.marginNote")}
      />
    </StatList>
  );
}

function SyncedAgo({ at }: { at: Date }) {
  return useTranslations("operator.customer").rich("synced", { ago: () => <TimeAgo at={at} /> });
}
