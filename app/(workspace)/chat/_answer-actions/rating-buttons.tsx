"use client";

import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import type { Rating, RatingReason } from "#lib/chat/conversations/rating.ts";

type Props = {
  rating: Rating | null;
  onRate: (rating: Rating | null) => void;
};

/** Thumbs up and down. Pressing a pressed one removes the rating. */
export function RatingButtons({ rating, onRate }: Props) {
  const t = useTranslations("chat.answerActions");
  const isUp = rating?.value === "up";
  const isDown = rating?.value === "down";
  return (
    <>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={t("good")}
        title={t("good")}
        aria-pressed={isUp}
        onClick={() => onRate(isUp ? null : { value: "up", reason: null })}
      >
        <ThumbsUp aria-hidden className={cn(isUp && "fill-current text-accent")} />
      </Button>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={t("bad")}
        title={t("bad")}
        aria-pressed={isDown}
        onClick={() => onRate(isDown ? null : { value: "down", reason: null })}
      >
        <ThumbsDown aria-hidden className={cn(isDown && "fill-current text-accent")} />
      </Button>
    </>
  );
}

const reasons: RatingReason[] = ["incorrect", "incomplete", "ignored", "length", "refused", "other"];

/** Asks why an answer is bad. The answer is optional: the rating itself is already stored. */
export function RatingReasons({ rating, onRate }: Props) {
  const t = useTranslations("chat.answerActions");
  if (rating?.value !== "down") return null;
  return (
    <fieldset className="mt-2 w-full rounded-lg border p-3">
      <legend className="px-1 text-muted-foreground text-sm">{t("why")}</legend>
      <div className="flex flex-wrap gap-2">
        {reasons.map((reason) => (
          <Button
            key={reason}
            variant={rating.reason === reason ? "secondary" : "outline"}
            size="sm"
            aria-pressed={rating.reason === reason}
            onClick={() => onRate({ value: "down", reason: rating.reason === reason ? null : reason })}
          >
            {t(`reasons.${reason}`)}
          </Button>
        ))}
      </div>
    </fieldset>
  );
}
