"use client";

import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from "react";

const ShareDialog = lazy(() => import("#app/(workspace)/_shell/sharing/share-dialog.tsx"));
const ExportDialog = lazy(() => import("#app/(workspace)/_shell/sharing/export-dialog.tsx"));

const ReceiptDialog = lazy(() => import("#app/(workspace)/_shell/receipts/receipt-dialog.tsx"));

export type ShareRequest = { type: "share" | "export" | "receipt"; conversationId: string };

const OpenContext = createContext<(request: ShareRequest) => void>(() => {});

/** Shows the dialogs that share, export and sum up a conversation. Their code is loaded on demand. */
export function ShareProvider({ children }: { children: ReactNode }) {
  const [request, setRequest] = useState<ShareRequest | null>(null);
  const open = useCallback((next: ShareRequest) => setRequest(next), []);
  const close = () => setRequest(null);
  return (
    <OpenContext value={open}>
      {children}
      {request !== null && (
        <Suspense>
          {request.type === "share" && (
            <ShareDialog conversationId={request.conversationId} onClose={close} />
          )}
          {request.type === "export" && (
            <ExportDialog conversationId={request.conversationId} onClose={close} />
          )}
          {request.type === "receipt" && (
            <ReceiptDialog conversationId={request.conversationId} onClose={close} />
          )}
        </Suspense>
      )}
    </OpenContext>
  );
}

/** Returns a function that opens a dialog. */
export function useShareDialog(): (request: ShareRequest) => void {
  return useContext(OpenContext);
}
