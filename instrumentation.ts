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
