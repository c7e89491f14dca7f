"use client";

import { SlidersHorizontal } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { Button } from "#app/_ui/button.tsx";
import { useLoadedPart } from "#app/_ui/overlays/use-loaded-part.ts";
import {
  type StoredFor,
  useSavedParameters,
} from "#app/(workspace)/chat/_composer/_parameters/use-saved-parameters.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { type AnswerParameters, areDefault } from "#lib/chat/generation/parameters/answer-parameters.ts";

type Props = {
  conversationId: string;
  /** For which chats a change is stored: new ones until this one has a message, none from a temporary one. */
  storedFor: StoredFor;
  parameters: AnswerParameters;
  onParameters: (parameters: AnswerParameters) => void;
  model: PickerModel;
};

const loadDrawer = () => import("#app/(workspace)/chat/_composer/_parameters/parameters-drawer.tsx");

/** Opens the settings of answers, and shows by a dot that one is not the default. */
export function ParametersButton({ conversationId, storedFor, parameters, onParameters, model }: Props) {
  const t = useTranslations("chat.parameters");
  const { part, preload, open, close } = useLoadedPart(loadDrawer);
  const trigger = useRef<HTMLButtonElement>(null);
  const save = useSavedParameters(conversationId, storedFor);
  const isChanged = !areDefault(parameters);
  return (
    <>
      <Button
        ref={trigger}
        type="button"
        variant="ghost"
        size="icon"
        aria-haspopup="dialog"
        aria-expanded={part !== null}
        aria-label={t(isChanged ? "openChanged" : "open")}
        title={t("open")}
        onPointerEnter={preload}
        onFocus={preload}
        onClick={open}
        className="relative rounded-full text-muted-foreground hover:text-foreground"
      >
        <SlidersHorizontal aria-hidden />
        {isChanged && (
          <span aria-hidden className="absolute top-1.5 right-1.5 size-2 rounded-full bg-accent" />
        )}
      </Button>
      {part !== null && (
        <part.ParametersDrawer
          parameters={parameters}
          model={model}
          storedFor={storedFor}
          onChange={(next) => {
            onParameters(next);
            void save(next);
          }}
          onUseForNewChats={() => save(parameters, true)}
          onClose={close}
          trigger={trigger}
        />
      )}
    </>
  );
}
