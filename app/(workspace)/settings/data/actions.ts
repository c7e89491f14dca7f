"use server";

import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { db } from "#db/client.ts";
import { readDataExport, requestDataExport } from "#lib/accounts/data-exports/data-exports.ts";
import { readImport } from "#lib/chat/portability/import/imports.ts";
import { now } from "#lib/core/clock.ts";

export const requestExportAction = action(
  z.undefined(),
  (_input, identity) => requestDataExport(identity, now()),
  { needsFreshProof: true },
);

export const readExportAction = action(z.undefined(), (_input, { userId }) =>
  readDataExport(db(), userId, now()),
);

export const readImportAction = action(z.undefined(), (_input, identity) => readImport(db(), identity));

/** Succeeds within ten minutes after a proof of identity, which a download without the emailed link needs. */
export const proveForDownloadAction = action(z.undefined(), () => true, { needsFreshProof: true });
