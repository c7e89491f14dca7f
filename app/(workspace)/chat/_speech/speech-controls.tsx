import { Pause, Play, Square } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useSyncExternalStore } from "react";
import { Button } from "#app/_ui/button.tsx";
import {
  currentSpeech,
  type Speech,
  stopSpeaking,
  subscribeToSpeech,
  togglePause,
} from "#app/(workspace)/chat/_speech/speaker.ts";

const none = (): Speech | null => null;

/** Pauses and ends the reading of an answer; nothing while it is not being read. Leaving the page ends it. */
export function SpeechControls({ id }: { id: string }) {
  const t = useTranslations("chat.speech");
  const speech = useSyncExternalStore(subscribeToSpeech, currentSpeech, none);
  useEffect(() => () => stopSpeaking(id), [id]);
  if (speech?.id !== id) return null;
  const label = t(speech.isPaused ? "resume" : "pause");
  return (
    <fieldset className="flex items-center">
      <legend className="sr-only">{t("legend")}</legend>
      <Button variant="ghost" size="icon-sm" aria-label={label} title={label} onClick={togglePause}>
        {speech.isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
      </Button>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={t("stop")}
        title={t("stop")}
        onClick={() => stopSpeaking(id)}
      >
        <Square aria-hidden className="size-3.5 fill-current" />
      </Button>
    </fieldset>
  );
}
