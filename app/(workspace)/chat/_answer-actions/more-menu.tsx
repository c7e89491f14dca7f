"use client";

import { Ellipsis, FileText, GitFork, Hash, Quote, Volume2 } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useRef } from "react";
import { Button } from "#app/_ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "#app/_ui/overlays/dropdown-menu.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { useAnswerActions } from "#app/(workspace)/chat/_answer-actions/answer-actions-context.ts";
import { copyRichText } from "#app/(workspace)/chat/_answer-actions/copy-rich-text.ts";
import { selectionIn } from "#app/(workspace)/chat/_answer-actions/quote-selection.tsx";
import { canSpeak, speak } from "#app/(workspace)/chat/_speech/speaker.ts";
import type { VisibleMessage } from "#app/(workspace)/chat/_stream/visible-branch.ts";

/** The rarer actions on an answer: other forms of copying, quoting and forking. */
export function MoreMenu({ message }: { message: VisibleMessage }) {
  const t = useTranslations("chat.answerActions");
  const copied = useTranslations("chat.copy");
  const locale = useLocale();
  const { fork, quote, isTemporary } = useAnswerActions();
  const trigger = useRef<HTMLButtonElement>(null);
  const hasQuoted = useRef(false);
  const copy = async (copying: Promise<void>) => {
    try {
      await copying;
      toast(copied("done"));
    } catch {
      toast(copied("refused"));
    }
  };
  const { text } = message;
  if (text === "" && isTemporary) return null;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild aria-label={t("more")} title={t("more")}>
        <Button ref={trigger} variant="ghost" size="icon-sm">
          <Ellipsis aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent
        align="start"
        className="w-60"
        onCloseAutoFocus={(event) => {
          // The message field has the focus.
          if (hasQuoted.current) event.preventDefault();
          hasQuoted.current = false;
        }}
      >
        {text !== "" && (
          <>
            <DropdownMenuItem onSelect={() => void copy(copyRichText(text))}>
              <FileText aria-hidden /> {t("copyRichText")}
            </DropdownMenuItem>
            <DropdownMenuItem onSelect={() => void copy(navigator.clipboard.writeText(text))}>
              <Hash aria-hidden /> {t("copyMarkdown")}
            </DropdownMenuItem>
            <DropdownMenuSeparator />
            <DropdownMenuItem
              onSelect={() => {
                hasQuoted.current = true;
                quote(selectionIn(trigger.current?.closest("article")) ?? text);
              }}
            >
              <Quote aria-hidden /> {t("quote")}
            </DropdownMenuItem>
          </>
        )}
        {text !== "" && canSpeak() && (
          <DropdownMenuItem onSelect={() => speak(message.id, text, locale)}>
            <Volume2 aria-hidden /> {t("readAloud")}
          </DropdownMenuItem>
        )}
        {!isTemporary && (
          <DropdownMenuItem onSelect={() => fork(message.endId)}>
            <GitFork aria-hidden /> {t("fork")}
          </DropdownMenuItem>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
