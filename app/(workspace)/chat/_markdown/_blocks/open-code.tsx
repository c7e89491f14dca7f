import { memo } from "react";
import { CodeBlockContainer, CodeBlockHeader } from "streamdown";
import { cn } from "#app/_ui/cn.ts";

const linesPerPart = 25;

/**
 * A block of code that is still streaming: plain, with the layout of a complete one. It is not highlighted,
 * and only its last lines are rendered again.
 */
export function OpenCode({ text, language }: { text: string; language: string }) {
  const lines = text.replace(/\n$/, "").split("\n");
  const isNumbered = lines.length > 1;
  const parts = Array.from({ length: Math.ceil(lines.length / linesPerPart) }, (_, index) =>
    lines.slice(index * linesPerPart, (index + 1) * linesPerPart).join("\n"),
  );
  return (
    <div>
      <CodeBlockContainer dir="ltr" language={language} isIncomplete>
        <CodeBlockHeader language={language} />
        <div data-streamdown="code-block-body" className="overflow-x-auto">
          <pre>
            <code className={cn(isNumbered && "[counter-increment:line_0] [counter-reset:line]")}>
              {parts.map((part, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added at the end
                <Lines key={index} text={part} isNumbered={isNumbered} />
              ))}
            </code>
          </pre>
        </div>
      </CodeBlockContainer>
    </div>
  );
}

const Lines = memo(function Lines({ text, isNumbered }: { text: string; isNumbered: boolean }) {
  return text.split("\n").map((line, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added at the end
    <span key={index} className={cn("block", isNumbered && numbered)}>
      {line === "" ? "\n" : line}
    </span>
  ));
});

/** As Streamdown numbers the lines of a complete block. */
const numbered =
  "before:mr-4 before:inline-block before:w-6 before:select-none before:text-right before:font-mono before:text-[13px] before:text-muted-foreground/50 before:content-[counter(line)] before:[counter-increment:line]";
