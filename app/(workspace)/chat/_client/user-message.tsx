import type { ShownMessage } from "#app/(workspace)/chat/_client/chat-state.ts";
import { CopyText } from "#app/(workspace)/chat/_client/copy-text.tsx";
import { SiblingSwitch } from "#app/(workspace)/chat/_client/sibling-switch.tsx";

/** What the person said: quiet, to the right, as it was typed. */
export function UserMessage({
  message,
  onSwitch,
}: {
  message: ShownMessage;
  onSwitch: (id: string) => void;
}) {
  return (
    <article aria-label="You" className="group flex max-w-[85%] flex-col items-end self-end">
      <div className="whitespace-pre-wrap rounded-2xl bg-muted px-4 py-2.5 leading-relaxed [overflow-wrap:anywhere]">
        {message.text}
      </div>
      <div className="mt-1 flex items-center opacity-0 transition-opacity focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
        <CopyText text={message.text} label="Copy your message" />
        <SiblingSwitch id={message.id} siblings={message.siblings} onSwitch={onSwitch} />
      </div>
    </article>
  );
}
