import type { Instrumentation } from "next";

/**
 * Next.js calls this once when a server starts, and waits for it before it handles requests. The bundler
 * evaluates the check and omits the code from builds for other runtimes, which have no sockets.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { recordPeerAddresses } = await import("#app/_http/server/client-network.ts");
    const { bootApp } = await import("#lib/jobs/boot.ts");
    recordPeerAddresses();
    await bootApp();
  }
}

/** Next.js calls this with each error that a page, a layout or a server action threw. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { reportPageError } = await import("#app/_http/server/report-page-error.ts");
    await reportPageError(error, request, context);
  }
};
