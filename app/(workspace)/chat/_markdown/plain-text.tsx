import { LongText } from "#app/(workspace)/chat/_markdown/long-text.tsx";

/** An answer before its renderer is loaded: paragraphs with the spacing and the line height of Markdown. */
export function PlainText({ text }: { text: string }) {
  return (
    <div data-rendered="plain" className="answer">
      {text.split(/\n{2,}/).map((paragraph, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: paragraphs only grow at the end
        <p key={index} dir="auto" className="whitespace-pre-wrap">
          <LongText text={paragraph} />
        </p>
      ))}
    </div>
  );
}
