import { Check, Copy, Download, WrapText } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ComponentProps, isValidElement, useState } from "react";
import { CodeBlock as HighlightedCode, useIsCodeFenceIncomplete } from "streamdown";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { useCopied } from "#app/(workspace)/_shell/use-copied.ts";
import { codeFileName } from "#app/(workspace)/chat/_markdown/_blocks/code-file-name.ts";
import { OpenCode } from "#app/(workspace)/chat/_markdown/_blocks/open-code.tsx";
import { saveFile } from "#app/(workspace)/chat/_markdown/_blocks/save-file.ts";
import { DiagramBlock, isDiagram } from "#app/(workspace)/chat/_markdown/_diagrams/diagram-block.tsx";

/** Makes a horizontally scrolling block reachable by keyboard (WCAG 2.1.1). */
const focusableScroller = { tabIndex: 0, role: "group" } as const;

/** A block of code: its language, line numbers, and buttons to wrap long lines, save and copy it. */
export function CodeBlock({ children }: ComponentProps<"pre">) {
  const t = useTranslations("chat.markdown");
  const [wraps, setWraps] = useState(false);
  const isIncomplete = useIsCodeFenceIncomplete();
  const code = readCode(children);
  if (code === null) return <pre>{children}</pre>;
  const { text, language } = code;
  if (isDiagram(language)) return <DiagramBlock text={text.trimEnd()} isIncomplete={isIncomplete} />;
  if (isIncomplete) return <OpenCode text={text} language={language} />;
  return (
    <div data-wrap={wraps}>
      <HighlightedCode
        code={text}
        language={language}
        lineNumbers={text.trimEnd().includes("\n")}
        aria-label={t("code")}
        {...focusableScroller}
      >
        <button
          type="button"
          aria-pressed={wraps}
          aria-label={t("wrapLines")}
          title={t("wrapLines")}
          onClick={() => setWraps(!wraps)}
        >
          <WrapText aria-hidden />
        </button>
        <button
          type="button"
          aria-label={t("downloadCode")}
          title={t("downloadCode")}
          onClick={() => saveFile(codeFileName(language), text, "text/plain")}
        >
          <Download aria-hidden />
        </button>
        <CopyCode text={text.replace(/\n+$/, "")} />
      </HighlightedCode>
    </div>
  );
}

function CopyCode({ text }: { text: string }) {
  const t = useTranslations("chat");
  const { copied, copy } = useCopied();
  const label = copied ? t("copy.done") : t("markdown.copyCode");
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={async () => (await copy(text)) || toast(t("copy.refused"))}
    >
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </button>
  );
}

/** The text and language of the code element that Streamdown passes. */
function readCode(children: ComponentProps<"pre">["children"]): { text: string; language: string } | null {
  if (!isValidElement<ComponentProps<"code">>(children)) return null;
  const { className, children: content } = children.props;
  const language = /language-([^\s]+)/.exec(className ?? "")?.[1] ?? "";
  if (content === undefined || content === null) return { text: "", language };
  return typeof content === "string" ? { text: content, language } : null;
}
