import { Download, FileText } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { Dialog, DialogContent, DialogTitle, DialogTrigger } from "#app/_ui/overlays/dialog.tsx";
import { formatBytes } from "#app/(workspace)/chat/_attachments/format-bytes.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";

const addressOf = ({ id }: AttachmentInfo) => `/api/chat/attachments/${id}`;

/** The files of a sent message: images to look at, documents to save. */
export function MessageAttachments({ attachments }: { attachments: AttachmentInfo[] }) {
  const t = useTranslations("attachments");
  return (
    <ul aria-label={t("list")} className="mb-1.5 flex flex-wrap justify-end gap-2">
      {attachments.map((file) => (
        <li key={file.id} className="max-w-full">
          {file.kind === "image" ? <ImagePreview file={file} /> : <DocumentLink file={file} />}
        </li>
      ))}
    </ul>
  );
}

function ImagePreview({ file }: { file: AttachmentInfo }) {
  const t = useTranslations("attachments");
  const { name, width, height } = file;
  const size = { width: width ?? 1, height: height ?? 1 };
  return (
    <Dialog>
      <DialogTrigger className="block overflow-hidden rounded-xl border" aria-label={t("open", { name })}>
        {/* biome-ignore lint/performance/noImgElement: the image optimizer cannot read private files */}
        <img
          src={addressOf(file)}
          alt=""
          loading="lazy"
          {...size}
          className="h-40 w-auto max-w-full object-cover"
        />
      </DialogTrigger>
      <DialogContent className="max-w-4xl" aria-describedby={undefined}>
        <DialogTitle className="truncate pr-10">{name}</DialogTitle>
        {/* biome-ignore lint/performance/noImgElement: the image optimizer cannot read private files */}
        <img
          src={addressOf(file)}
          alt={name}
          {...size}
          className="mx-auto h-auto max-h-[60dvh] w-auto rounded-md object-contain"
        />
        <Button asChild variant="outline" className="self-end">
          <a href={addressOf(file)} download={name}>
            <Download aria-hidden />
            {t("download")}
          </a>
        </Button>
      </DialogContent>
    </Dialog>
  );
}

function DocumentLink({ file }: { file: AttachmentInfo }) {
  const t = useTranslations("attachments");
  const { name, bytes, pages } = file;
  return (
    <a
      href={addressOf(file)}
      download={name}
      className="flex min-h-11 max-w-72 items-center gap-2 rounded-xl border bg-card py-1.5 pr-3 pl-2 text-sm hover:bg-muted"
    >
      <FileText aria-hidden className="size-4 shrink-0 text-muted-foreground" />
      <span className="flex min-w-0 flex-col">
        <span className="truncate font-medium">{name}</span>
        <span className="text-muted-foreground text-xs">
          {pages === null ? formatBytes(bytes) : t("pages", { count: pages, size: formatBytes(bytes) })}
        </span>
      </span>
    </a>
  );
}
