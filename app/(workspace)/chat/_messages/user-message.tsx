import { Pencil } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, type KeyboardEvent, memo, useRef, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { isComposing } from "#app/_ui/is-composing.ts";
import { MessageAttachments } from "#app/(workspace)/chat/_attachments/message-attachments.tsx";
import { isSendKey } from "#app/(workspace)/chat/_composer/is-send-key.ts";
import { useAutoHeight } from "#app/(workspace)/chat/_composer/use-auto-height.ts";
import { LongText } from "#app/(workspace)/chat/_markdown/long-text.tsx";
import { CopyText } from "#app/(workspace)/chat/_messages/copy-text.tsx";
import { SiblingSwitch } from "#app/(workspace)/chat/_messages/sibling-switch.tsx";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { rendersEqual, type VisibleMessage } from "#app/(workspace)/chat/_stream/visible-branch.ts";
import { trimMessage } from "#lib/chat/generation/message-limit.ts";

type Props = {
  message: VisibleMessage;
  /** An answer is streaming, so no other message can be sent. */
  busy: boolean;
  /** The text in the field while the message is being edited: of a refused edit, else the message's own. */
  editedText: string | null;
  /** Starts editing a message; null ends it. */
  onEditing: (message: ClientMessage | null) => void;
  onEdit: (message: ClientMessage, text: string) => void;
  onSwitch: (id: string) => void;
};

/** A message of the user, shown as typed. */
export const UserMessage = memo(
  function UserMessage({ message, busy, editedText, onEditing, onEdit, onSwitch }: Props) {
    const t = useTranslations("chat");
    if (editedText !== null)
      return (
        <EditForm
          message={message}
          initialText={editedText}
          onEdit={onEdit}
          onCancel={() => onEditing(null)}
        />
      );
    return (
      <article
        aria-label={t("message.by")}
        className="group relative flex max-w-[85%] flex-col items-end self-end"
      >
        {message.attachments !== undefined && message.attachments.length > 0 && (
          <MessageAttachments attachments={message.attachments} />
        )}
        <div
          dir="auto"
          hidden={message.text === ""}
          className="whitespace-pre-wrap rounded-2xl [unicode-bidi:plaintext] bg-muted px-4 py-2.5 leading-relaxed [overflow-wrap:anywhere]"
        >
          <LongText text={message.text} />
        </div>
        <div
          className={cn(
            "pointer-fine:absolute pointer-fine:top-full pointer-coarse:-mb-4 flex items-center transition-opacity focus-within:opacity-100 group-hover:opacity-100",
            message.siblings.length < 2 && "pointer-fine:opacity-0",
          )}
        >
          <SiblingSwitch id={message.id} siblings={message.siblings} labelOf={unused} onSwitch={onSwitch} />
          <Button
            variant="ghost"
            size="icon-sm"
            className="text-muted-foreground"
            aria-label={t("message.edit")}
            disabled={busy}
            onClick={() => onEditing(message)}
          >
            <Pencil aria-hidden />
          </Button>
          <CopyText text={message.text} label={t("copy.message")} />
        </div>
      </article>
    );
  },
  (one, other) =>
    rendersEqual(one.message, other.message) &&
    one.busy === other.busy &&
    one.editedText === other.editedText,
);

/** Versions of a user's message have no model. */
const unused = () => "";

type EditProps = {
  message: ClientMessage;
  initialText: string;
  onEdit: Props["onEdit"];
  onCancel: () => void;
};

/** The message as an editable field. Sending it adds a new version. */
function EditForm({ message, initialText, onEdit, onCancel }: EditProps) {
  const t = useTranslations("chat.message");
  const [text, setText] = useState(initialText);
  const field = useRef<HTMLTextAreaElement>(null);
  useAutoHeight(field, text);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() === "") return;
    const trimmed = trimMessage(text);
    if (trimmed === message.text) onCancel();
    else onEdit(message, trimmed);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event)) return;
    if (event.key === "Escape") return onCancel();
    if (!isSendKey(event)) return;
    event.preventDefault();
    submit();
  };
  return (
    <form onSubmit={submit} className="flex w-full flex-col gap-2 rounded-2xl bg-muted p-3">
      <textarea
        ref={field}
        // biome-ignore lint/a11y/noAutofocus: the user has just chosen to edit
        autoFocus
        rows={1}
        dir="auto"
        aria-label={t("field")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onFocus={(event) => event.target.setSelectionRange(text.length, text.length)}
        onKeyDown={onKeyDown}
        className="max-h-[40dvh] w-full field-sizing-content resize-none bg-transparent px-1 text-base leading-relaxed outline-none"
      />
      <div className="flex justify-end gap-2">
        <Button type="button" variant="ghost" size="sm" onClick={onCancel}>
          {t("cancel")}
        </Button>
        <Button type="submit" size="sm" disabled={text.trim() === ""}>
          {t("resend")}
        </Button>
      </div>
    </form>
  );
}
