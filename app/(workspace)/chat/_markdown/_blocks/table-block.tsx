import { Download, Ellipsis, Hash, Table2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ComponentProps, useRef } from "react";
import { tableDataToMarkdown } from "streamdown";
import { Button } from "#app/_ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#app/_ui/overlays/dropdown-menu.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { saveFile } from "#app/(workspace)/chat/_markdown/_blocks/save-file.ts";
import { readTable, type TableCells, tableCsv } from "#app/(workspace)/chat/_markdown/_blocks/table-text.ts";

/** A table with a menu to copy it as Markdown or CSV, or to save it as CSV. */
export function TableBlock({ children, dir }: ComponentProps<"table"> & { node?: unknown }) {
  const t = useTranslations("chat.markdown");
  const copied = useTranslations("chat.copy");
  const table = useRef<HTMLTableElement>(null);
  const cells = (): TableCells =>
    table.current === null ? { headers: [], rows: [] } : readTable(table.current);
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      toast(copied("done"));
    } catch {
      toast(copied("refused"));
    }
  };
  return (
    <div data-streamdown="table-wrapper" className="flex flex-col">
      <div className="self-end">
        <DropdownMenu>
          <DropdownMenuTrigger asChild aria-label={t("tableActions")} title={t("tableActions")}>
            <Button variant="ghost" size="icon-sm" className="text-muted-foreground">
              <Ellipsis aria-hidden />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="end">
            <DropdownMenuItem onSelect={() => void copy(tableCsv(cells()))}>
              <Table2 aria-hidden /> {t("copyAsCsv")}
            </DropdownMenuItem>
            <DropdownMenuItem onSelect={() => void copy(tableDataToMarkdown(cells()))}>
              <Hash aria-hidden /> {t("copyAsMarkdown")}
            </DropdownMenuItem>
            {/* Spreadsheets recognize UTF-8 by the byte order mark. */}
            <DropdownMenuItem
              onSelect={() => saveFile("table.csv", `\uFEFF${tableCsv(cells())}`, "text/csv")}
            >
              <Download aria-hidden /> {t("downloadCsv")}
            </DropdownMenuItem>
          </DropdownMenuContent>
        </DropdownMenu>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a group that scrolls, not a set of fields */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls by keyboard (WCAG 2.1.1) */}
      <div role="group" tabIndex={0} aria-label={t("table")} className="overflow-x-auto">
        <table ref={table} dir={dir} className="w-full border-collapse" data-streamdown="table">
          {children}
        </table>
      </div>
    </div>
  );
}
