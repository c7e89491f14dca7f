/**
 * Next.js calls this once when a server starts, and waits for it before the first request is answered. The check is
 * written out because the bundler leaves what is inside it out of builds for other runtimes, which have no sockets.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { notePeers } = await import("#app/_http/network.ts");
    const { bootApp } = await import("#lib/jobs/boot.ts");
    notePeers();
    await bootApp();
  }
}
