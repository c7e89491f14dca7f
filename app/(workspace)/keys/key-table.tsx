import { useTranslations } from "next-intl";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { TimeAgo } from "#app/_ui/formats/time-ago.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { CacheSetting } from "#app/(workspace)/keys/cache-setting.tsx";
import { RevokeKey } from "#app/(workspace)/keys/revoke-key.tsx";
import { type ApiKeySummary, apiKeyScopes } from "#lib/accounts/api-keys.ts";

/** The active keys. */
export function KeyTable({ keys }: { keys: ApiKeySummary[] }) {
  const t = useTranslations("keys");
  return (
    <Table aria-label={t("table.label")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("table.name")}</TableHead>
          <TableHead>{t("table.key")}</TableHead>
          <TableHead>{t("table.scopes")}</TableHead>
          <TableHead>{t("table.budget")}</TableHead>
          <TableHead>{t("table.cache")}</TableHead>
          <TableHead>{t("table.lastUsed")}</TableHead>
          <TableHead>{t("table.expires")}</TableHead>
          <TableHead>
            <span className="sr-only">{t("table.actions")}</span>
          </TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {keys.map((key) => (
          <TableRow key={key.id}>
            <TableCell className="font-medium">{key.name}</TableCell>
            <TableCell>
              <code className="font-mono text-sm">{key.prefix}…</code>
            </TableCell>
            <TableCell>
              {apiKeyScopes
                .filter((scope) => key.scopes.includes(scope))
                .map((scope) => t(`scopes.${scope}.label`))
                .join(", ")}
            </TableCell>
            <TableCell>
              {key.budgetMicros === null ? t("table.noBudget") : <Money micros={key.budgetMicros} />}
            </TableCell>
            <TableCell>
              <CacheSetting id={key.id} name={key.name} cachesAnswers={key.cachesAnswers} />
            </TableCell>
            <TableCell>
              {key.lastUsedAt === null ? t("table.neverUsed") : <TimeAgo at={key.lastUsedAt} />}
            </TableCell>
            <TableCell>
              {key.expiresAt === null ? t("table.neverExpires") : <DateTime at={key.expiresAt} />}
            </TableCell>
            <TableCell className="text-right">
              <RevokeKey id={key.id} name={key.name} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
