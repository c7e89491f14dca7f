import { Paperclip } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { Button } from "#app/_ui/button.tsx";
import { acceptedFiles } from "#lib/chat/files/attachment-limits.ts";

type Props = { isFull: boolean; onAdd: (files: Iterable<File>) => void };

/** Opens the file picker; on phones also the camera. */
export function AttachButton({ isFull, onAdd }: Props) {
  const t = useTranslations("attachments");
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        type="button"
        variant="ghost"
        size="icon"
        className="rounded-full text-muted-foreground"
        aria-label={t("add")}
        title={t("add")}
        disabled={isFull}
        onClick={() => input.current?.click()}
      >
        <Paperclip aria-hidden />
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={acceptedFiles}
        aria-label={t("add")}
        onChange={({ target }) => {
          onAdd(target.files ?? []);
          // The same file can be chosen again.
          target.value = "";
        }}
      />
    </>
  );
}
