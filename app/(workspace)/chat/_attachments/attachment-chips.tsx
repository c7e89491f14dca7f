import { FileText, ImageIcon, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { formatBytes } from "#app/(workspace)/chat/_attachments/format-bytes.ts";
import type { AttachmentItem } from "#app/(workspace)/chat/_attachments/use-attachments.ts";
import { useProblemText } from "#app/(workspace)/chat/_composer/use-problem-text.ts";

type Props = { items: AttachmentItem[]; onRemove: (id: string) => void };

/** The files of the message that is being written. */
export function AttachmentChips({ items, onRemove }: Props) {
  const t = useTranslations("attachments");
  if (items.length === 0) return null;
  return (
    <ul aria-label={t("list")} className="flex flex-wrap gap-2 px-3 pt-3">
      {items.map((item) => (
        <Chip key={item.id} item={item} onRemove={onRemove} />
      ))}
    </ul>
  );
}

function Chip({ item, onRemove }: { item: AttachmentItem; onRemove: Props["onRemove"] }) {
  const t = useTranslations("attachments");
  const { id, name, info, problem, progress, isImage, bytes } = item;
  const isLoading = info === null && problem === null;
  return (
    <li
      className={cn(
        "relative flex max-w-full items-center gap-2 overflow-hidden rounded-xl border bg-background py-1 pr-1 pl-2 text-sm sm:max-w-72",
        problem !== null && "border-danger",
      )}
    >
      {isImage && info !== null ? (
        // biome-ignore lint/performance/noImgElement: the image optimizer cannot read private files
        <img src={`/api/chat/attachments/${id}`} alt="" className="size-9 shrink-0 rounded-md object-cover" />
      ) : (
        <span className="grid size-9 shrink-0 place-items-center rounded-md bg-muted text-muted-foreground">
          {isImage ? (
            <ImageIcon aria-hidden className="size-4" />
          ) : (
            <FileText aria-hidden className="size-4" />
          )}
        </span>
      )}
      <span className="flex min-w-0 flex-col">
        <span className="truncate font-medium">{name}</span>
        <span
          role="status"
          className={cn("text-xs", problem === null ? "text-muted-foreground" : "text-danger")}
        >
          {problem !== null ? (
            <ProblemText problem={problem} />
          ) : isLoading ? (
            t("uploading")
          ) : (
            formatBytes(bytes)
          )}
        </span>
      </span>
      <Button
        type="button"
        variant="ghost"
        size="icon-sm"
        aria-label={t("remove", { name })}
        onClick={() => onRemove(id)}
      >
        <X aria-hidden />
      </Button>
      {isLoading && (
        <span
          aria-hidden
          className="absolute bottom-0 left-0 h-0.5 bg-accent transition-[width] motion-reduce:transition-none"
          style={{ width: `${Math.round(progress * 100)}%` }}
        />
      )}
    </li>
  );
}

function ProblemText({ problem }: { problem: NonNullable<AttachmentItem["problem"]> }) {
  return useProblemText(problem);
}
