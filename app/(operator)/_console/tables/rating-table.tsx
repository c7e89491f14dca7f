import { useLocale, useTranslations } from "next-intl";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { RatingCounts } from "#lib/chat/conversations/rate-answer.ts";
import { type RatingReason, ratingReasonSchema } from "#lib/chat/conversations/rating.ts";
import { formatsFor } from "#lib/core/formats.ts";

/** How often users rated the answers of each model as good or bad, and why. */
export function RatingTable({ ratings }: { ratings: RatingCounts[] }) {
  const t = useTranslations("operator.ratings");
  const { count } = formatsFor(useLocale());
  const reasonsOf = ({ reasons }: RatingCounts): [RatingReason, number][] =>
    ratingReasonSchema.options.flatMap((reason) => {
      const given = reasons[reason];
      return given === undefined ? [] : [[reason, given]];
    });
  return (
    <Table aria-label={t("title")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("model")}</TableHead>
          <TableHead className="text-right">{t("good")}</TableHead>
          <TableHead className="text-right">{t("bad")}</TableHead>
          <TableHead>{t("reason")}</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {ratings.map((row) => (
          <TableRow key={row.model}>
            <TableCell className="font-mono text-xs">{row.model}</TableCell>
            <TableCell className="text-right tabular-nums">{count(row.up)}</TableCell>
            <TableCell className="text-right tabular-nums">{count(row.down)}</TableCell>
            <TableCell className="text-muted-foreground">
              {reasonsOf(row)
                .map(([reason, given]) => `${t(`reasons.${reason}`)} (${count(given)})`)
                .join(", ")}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
