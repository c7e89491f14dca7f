import { useTranslations } from "next-intl";
import type { ComponentProps } from "react";
import { Block } from "streamdown";
import { LongText } from "#app/(workspace)/chat/_markdown/long-text.tsx";
import { isTooComplex } from "#app/(workspace)/chat/_markdown/split-markdown.ts";

/** A block of an answer; one that would take too long to parse is shown as plain text. */
export function GuardedBlock(props: ComponentProps<typeof Block>) {
  return isTooComplex(props.content) ? <PlainBlock text={props.content} /> : <Block {...props} />;
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
