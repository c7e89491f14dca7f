import { useTranslations } from "next-intl";
import { StaticAnswer } from "#app/(workspace)/chat/_markdown/static-answer.tsx";
import { imageHostsSetting } from "#lib/chat/images/image-hosts.ts";
import type { DocumentMessage } from "#lib/chat/portability/conversation-format.ts";
import { findModel } from "#lib/usage/price-list.ts";
import "katex/dist/katex.min.css";
import "#app/_transcript/transcript.css";

/** The messages of a branch, to read and to print. Thinking is left out. */
export function Transcript({ messages }: { messages: DocumentMessage[] }) {
  const t = useTranslations("transcript");
  return (
    <div className="transcript flex flex-col gap-8">
      {messages.map(({ id, role, model, parts, attachments = [] }) => {
        const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
        const name = model === null ? t("assistant") : (findModel(model)?.label ?? model);
        return role === "user" ? (
          <article key={id} aria-label={t("question")} className="flex flex-col items-end print:items-start">
            {attachments.length > 0 && (
              <p className="mb-1 text-muted-foreground text-xs">
                {attachments.map((file) => file.name).join(", ")}
              </p>
            )}
            <p
              dir="auto"
              hidden={text === ""}
              className="max-w-[85%] whitespace-pre-wrap rounded-2xl bg-muted px-4 py-2.5 [overflow-wrap:anywhere] print:max-w-full print:rounded-none print:border-l-2 print:bg-transparent print:px-3 print:py-0 print:font-medium"
            >
              {text}
            </p>
          </article>
        ) : (
          <article key={id} aria-label={t("answerBy", { model: name })} className="min-w-0">
            <p className="mb-2 text-muted-foreground text-xs">{name}</p>
            {text === "" ? (
              <p className="text-muted-foreground">{t("empty")}</p>
            ) : (
              <StaticAnswer text={text} imageHosts={imageHostsSetting.current()} />
            )}
          </article>
        );
      })}
    </div>
  );
}
