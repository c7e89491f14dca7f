import { useTranslations } from "next-intl";
import { type ComponentProps, memo, useId } from "react";
import { Block } from "streamdown";
import { FootnoteScope } from "#app/(workspace)/chat/_markdown/_blocks/footnotes.tsx";
import { OpenCode } from "#app/(workspace)/chat/_markdown/_blocks/open-code.tsx";
import { DiagramBlock, isDiagram } from "#app/(workspace)/chat/_markdown/_diagrams/diagram-block.tsx";
import { LongText } from "#app/(workspace)/chat/_markdown/long-text.tsx";
import { isCode, isTooComplex } from "#app/(workspace)/chat/_markdown/split-markdown.ts";

/** A block of an answer. One that would take too long to parse is shown as plain text. */
export const GuardedBlock = memo(function GuardedBlock(props: ComponentProps<typeof Block>) {
  const { content, isIncomplete } = props;
  const scope = useId();
  if (isIncomplete && isCode(content)) {
    const open = readOpenFence(content);
    return isDiagram(open.language) ? <DiagramBlock text={open.text} isIncomplete /> : <OpenCode {...open} />;
  }
  if (isTooComplex(content)) return <PlainBlock text={content} />;
  return (
    <FootnoteScope value={scope}>
      <Block {...props} />
    </FootnoteScope>
  );
});

/** The language and the text of a block of code without its end, which needs no parser. */
function readOpenFence(block: string): { language: string; text: string } {
  const end = block.indexOf("\n");
  const opening = end === -1 ? block : block.slice(0, end);
  const language = /^\s*(?:`+|~+)[ \t]*([^\s`]*)/.exec(opening)?.[1] ?? "";
  return { language, text: end === -1 ? "" : block.slice(end + 1) };
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
