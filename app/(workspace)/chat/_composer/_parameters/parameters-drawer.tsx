"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, type RefObject, useId } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Panel, PanelRoot } from "#app/_ui/overlays/panel.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import type { StoredFor } from "#app/(workspace)/chat/_composer/_parameters/use-saved-parameters.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import {
  type AnswerParameters,
  answerLimits,
  areDefault,
  defaultParameters,
  maxTemperature,
  reasoningEfforts,
  temperatureStep,
} from "#lib/chat/generation/parameters/answer-parameters.ts";

type Props = {
  parameters: AnswerParameters;
  model: PickerModel;
  storedFor: StoredFor;
  onChange: (parameters: AnswerParameters) => void;
  /** Resolves to whether they were stored. */
  onUseForNewChats: () => Promise<boolean>;
  onClose: () => void;
  /** The button that opened it, to which the focus returns. */
  trigger: RefObject<HTMLButtonElement | null>;
};

/** About how many words a token is, in English. */
const wordsPerToken = 0.75;
/** Where the slider stands while the model decides: the default of OpenAI's models. */
const usualTemperature = 1;
const selectClasses =
  "h-10 w-full rounded-md border border-input bg-card px-3 text-base disabled:opacity-50 pointer-coarse:h-11 sm:text-sm";

/** How answers are made: temperature, longest answer, reasoning effort. Every change is stored at once. */
export function ParametersDrawer(props: Props) {
  const { parameters, model, storedFor, onChange, onUseForNewChats, onClose, trigger } = props;
  const t = useTranslations("chat.parameters");
  const change = (part: Partial<AnswerParameters>) => onChange({ ...parameters, ...part });
  const { supports, label, maxAnswerTokens, reasons } = model;
  const unsupported = t("unsupported", { model: label });
  const storeForNewChats = async () => {
    if (await onUseForNewChats()) toast(t("usedForNewChats"));
  };
  return (
    <PanelRoot open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Panel
        title={t("title")}
        description={t(storedFor === "newChats" ? "forNewChats" : "forChat")}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          trigger.current?.focus();
        }}
      >
        <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto px-5 py-3">
          <Temperature
            value={parameters.temperature}
            hint={supports.temperature ? t("temperatureHint") : unsupported}
            isSupported={supports.temperature}
            onChange={(temperature) => change({ temperature })}
          />
          <Field label={t("maxTokens")} hint={t(reasons ? "maxTokensReasons" : "maxTokensHint")}>
            {(ids) => (
              <select
                {...ids}
                className={selectClasses}
                value={parameters.maxTokens ?? ""}
                onChange={({ target }) =>
                  change({ maxTokens: answerLimits.find((limit) => String(limit) === target.value) ?? null })
                }
              >
                <option value="">{t("automatic")}</option>
                {answerLimits
                  .filter((limit) => limit < maxAnswerTokens || limit === parameters.maxTokens)
                  .map((limit) => (
                    <option key={limit} value={limit}>
                      {t("tokens", { count: limit, words: limit * wordsPerToken })}
                    </option>
                  ))}
              </select>
            )}
          </Field>
          <Field label={t("effort")} hint={supports.reasoningEffort ? t("effortHint") : unsupported}>
            {(ids) => (
              <select
                {...ids}
                className={selectClasses}
                disabled={!supports.reasoningEffort}
                value={parameters.effort ?? ""}
                onChange={({ target }) =>
                  change({ effort: reasoningEfforts.find((effort) => effort === target.value) ?? null })
                }
              >
                <option value="">{t("automatic")}</option>
                {reasoningEfforts.map((effort) => (
                  <option key={effort} value={effort}>
                    {t(`efforts.${effort}`)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <div className="flex shrink-0 flex-wrap gap-2 border-t p-4">
          <Button
            variant="outline"
            disabled={areDefault(parameters)}
            onClick={() => onChange(defaultParameters)}
          >
            {t("reset")}
          </Button>
          {storedFor === "chat" && (
            <Button variant="outline" onClick={storeForNewChats}>
              {t("useForNewChats")}
            </Button>
          )}
          <Button className="ml-auto" onClick={onClose}>
            {t("done")}
          </Button>
        </div>
      </Panel>
    </PanelRoot>
  );
}

type FieldIds = { id: string; "aria-describedby": string };

function Field({
  label,
  hint,
  value,
  children,
}: {
  label: string;
  hint: string;
  value?: string;
  children: (ids: FieldIds) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {value !== undefined && <output htmlFor={id}>{value}</output>}
      </div>
      {children({ id, "aria-describedby": `${id}-hint` })}
      <p id={`${id}-hint`} className="text-muted-foreground text-xs">
        {hint}
      </p>
    </div>
  );
}

type TemperatureProps = {
  value: number | null;
  hint: string;
  isSupported: boolean;
  onChange: (temperature: number | null) => void;
};

/** A slider, and a button that leaves the temperature to the model again. */
function Temperature({ value, hint, isSupported, onChange }: TemperatureProps) {
  const t = useTranslations("chat.parameters");
  const text = value === null ? t("automatic") : t("degree", { value });
  return (
    <Field label={t("temperature")} hint={hint} value={text}>
      {(ids) => (
        <div className="flex items-center gap-3">
          <input
            {...ids}
            type="range"
            min={0}
            max={maxTemperature}
            step={temperatureStep}
            disabled={!isSupported}
            value={value ?? usualTemperature}
            aria-valuetext={text}
            // The browser's sum of steps may have more decimals.
            onChange={({ target }) => onChange(Math.round(Number(target.value) * 10) / 10)}
            className="h-10 min-w-0 flex-1 accent-(--accent) disabled:opacity-50 pointer-coarse:h-11"
          />
          <Button variant="ghost" size="sm" disabled={value === null} onClick={() => onChange(null)}>
            {t("useAutomatic")}
          </Button>
        </div>
      )}
    </Field>
  );
}
