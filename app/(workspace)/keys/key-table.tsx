import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { TimeAgo } from "#app/_ui/formats/time-ago.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { RevokeKey } from "#app/(workspace)/keys/revoke-key.tsx";
import type { ApiKeySummary } from "#lib/accounts/api-keys.ts";

/** The active keys. */
export function KeyTable({ keys }: { keys: ApiKeySummary[] }) {
  return (
    <Table aria-label="API keys">
      <TableHeader>
        <TableRow>
          <TableHead>Name</TableHead>
          <TableHead>Key</TableHead>
          <TableHead>May use</TableHead>
          <TableHead>Monthly budget</TableHead>
          <TableHead>Last used</TableHead>
          <TableHead>Ends</TableHead>
          <TableHead>
            <span className="sr-only">Actions</span>
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
            <TableCell>{key.scopes.join(", ")}</TableCell>
            <TableCell>{key.budgetMicros === null ? "None" : <Money micros={key.budgetMicros} />}</TableCell>
            <TableCell>{key.lastUsedAt === null ? "Never" : <TimeAgo at={key.lastUsedAt} />}</TableCell>
            <TableCell>{key.expiresAt === null ? "Never" : <DateTime at={key.expiresAt} />}</TableCell>
            <TableCell className="text-right">
              <RevokeKey id={key.id} name={key.name} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
