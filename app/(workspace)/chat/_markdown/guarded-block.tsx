import { useTranslations } from "next-intl";
import { type ComponentProps, useContext } from "react";
import { Block } from "streamdown";
import { LongText } from "#app/(workspace)/chat/_markdown/long-text.tsx";
import { isTooComplex } from "#app/(workspace)/chat/_markdown/split-markdown.ts";
import { FormattedFrom } from "#app/(workspace)/chat/_markdown/use-formatted-from.ts";

/**
 * A block of an answer. One that would take too long to parse is shown as plain text, and so are the first
 * blocks of a long answer until the browser has time.
 */
export function GuardedBlock(props: ComponentProps<typeof Block>) {
  const isFormatted = props.index >= useContext(FormattedFrom);
  if (isTooComplex(props.content)) return <PlainBlock text={props.content} />;
  return isFormatted ? <Block {...props} /> : <PendingBlock text={props.content} />;
}

function PendingBlock({ text }: { text: string }) {
  return (
    <p dir="auto" data-pending className="whitespace-pre-wrap">
      <LongText text={text} />
    </p>
  );
}

function PlainBlock({ text }: { text: string }) {
  const t = useTranslations("chat.markdown");
  return (
    <div className="relative contain-content">
      <p className="text-muted-foreground text-sm">{t("plain")}</p>
      <p dir="auto" className="whitespace-pre-wrap">
        <LongText text={text} />
      </p>
    </div>
  );
}
