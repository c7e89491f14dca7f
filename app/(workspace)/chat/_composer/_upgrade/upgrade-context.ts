"use client";

import { createContext, useContext } from "react";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";

/** Why a plan or credit is offered: a model of a higher plan was chosen, or the credit does not suffice. */
export type UpgradeReason =
  | { kind: "model"; model: Pick<PickerModel, "label" | "planName"> }
  | { kind: "credit" };

export const UpgradeContext = createContext<(reason: UpgradeReason) => void>(() => {});

/** Returns a function that opens the dialog with plans and top-ups. */
export function useUpgrade(): (reason: UpgradeReason) => void {
  return useContext(UpgradeContext);
}
