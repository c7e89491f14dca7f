import { Check, Code, Copy, Maximize2, Minimize2, Workflow } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { type RefObject, useEffect, useRef, useState } from "react";
import { maxDiagramLength } from "#app/_diagrams/diagram-paths.ts";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { useCopied } from "#app/(workspace)/_shell/use-copied.ts";
import {
  type RenderedDiagram,
  renderDiagram,
} from "#app/(workspace)/chat/_markdown/_diagrams/render-diagram.ts";

/** Whether a fence contains a diagram. */
export function isDiagram(language: string): boolean {
  return language.toLowerCase() === "mermaid";
}

type Props = {
  text: string;
  /** The block is still being written. */
  isIncomplete: boolean;
};

/**
 * A Mermaid diagram. The box has one height from the first line on: the source is in it until the block is
 * complete and rendered, and stays if it cannot be rendered.
 */
export function DiagramBlock({ text, isIncomplete }: Props) {
  const t = useTranslations("chat.markdown.diagram");
  const box = useRef<HTMLDivElement>(null);
  const { diagram, hasFailed } = useDiagram(text, isIncomplete, box);
  const [showsSource, setShowsSource] = useState(false);
  const [isLarge, setLarge] = useState(false);
  const isShown = diagram !== null && !showsSource;
  return (
    <div ref={box} data-streamdown="code-block" className="my-4 flex w-full flex-col rounded-xl border">
      <div data-streamdown="code-block-header" className="flex items-center justify-between text-xs">
        <span className="text-muted-foreground">{t("label")}</span>
        <span data-streamdown="code-block-actions" className="flex items-center gap-1">
          {diagram !== null && (
            <Action
              label={t(showsSource ? "showDiagram" : "showSource")}
              onClick={() => setShowsSource(!showsSource)}
            >
              {showsSource ? <Workflow aria-hidden /> : <Code aria-hidden />}
            </Action>
          )}
          {isShown && (
            <Action label={t(isLarge ? "smaller" : "larger")} onClick={() => setLarge(!isLarge)}>
              {isLarge ? <Minimize2 aria-hidden /> : <Maximize2 aria-hidden />}
            </Action>
          )}
          <CopySource text={text} />
        </span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a group that scrolls, not a set of fields */}
      <div
        role="group"
        aria-label={t("label")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls by keyboard (WCAG 2.1.1)
        tabIndex={0}
        className={isLarge && isShown ? "max-h-[80dvh] overflow-auto p-4" : "h-80 overflow-auto p-4"}
      >
        {isShown ? (
          // biome-ignore lint/performance/noImgElement: an image in memory
          <img
            src={diagram.url}
            width={Math.round(diagram.width)}
            height={Math.round(diagram.height)}
            alt={t("alt")}
            className={isLarge ? "mx-auto h-auto max-w-none" : "mx-auto h-full w-full object-scale-down"}
          />
        ) : (
          <>
            {hasFailed && (
              <p role="status" className="mb-3 text-muted-foreground text-sm">
                {t("failed")}
              </p>
            )}
            <pre className="whitespace-pre font-mono text-[0.8125rem] leading-relaxed">{text}</pre>
          </>
        )}
      </div>
    </div>
  );
}

type DiagramState = { diagram: RenderedDiagram | null; hasFailed: boolean };
const nothing: DiagramState = { diagram: null, hasFailed: false };

/** Renders a complete diagram once its box is near the screen, and again when the theme changes. */
function useDiagram(text: string, isIncomplete: boolean, box: RefObject<HTMLElement | null>): DiagramState {
  const { resolvedTheme } = useTheme();
  const isDark = resolvedTheme === "dark";
  const [state, setState] = useState(nothing);
  useEffect(() => {
    const element = box.current;
    if (isIncomplete || element === null) return;
    if (text.length > maxDiagramLength) return setState({ diagram: null, hasFailed: true });
    let isCurrent = true;
    const show = (next: DiagramState) => isCurrent && setState(next);
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting !== true) return;
        observer.disconnect();
        renderDiagram(text, isDark).then(
          (diagram) => show({ diagram, hasFailed: false }),
          () => show({ diagram: null, hasFailed: true }),
        );
      },
      { rootMargin: "400px" },
    );
    observer.observe(element);
    return () => {
      isCurrent = false;
      observer.disconnect();
    };
  }, [text, isIncomplete, isDark, box]);
  return isIncomplete ? nothing : state;
}

type ActionProps = { label: string; onClick: () => void; children: React.ReactNode };

function Action({ label, onClick, children }: ActionProps) {
  return (
    <button type="button" aria-label={label} title={label} onClick={onClick}>
      {children}
    </button>
  );
}

function CopySource({ text }: { text: string }) {
  const t = useTranslations("chat");
  const { copied, copy } = useCopied();
  return (
    <Action
      label={copied ? t("copy.done") : t("markdown.diagram.copy")}
      onClick={async () => (await copy(text)) || toast(t("copy.refused"))}
    >
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </Action>
  );
}
