"use client";

/**
 * The error boundary of the root layout. It uses no style sheet, component or script of the app, because they
 * may have failed.
 */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body
        style={{
          fontFamily: "system-ui, sans-serif",
          margin: "20vh auto",
          maxWidth: "28rem",
          padding: "0 1.5rem",
        }}
      >
        <h1>Nothing can be shown right now</h1>
        <p>
          The fault is ours. Nothing was lost or charged by it. Load the page again in a moment.
          {error.digest !== undefined && ` If it stays, tell us this number: ${error.digest}.`}
        </p>
        <p>
          {/* A plain link instead of next/link: it reloads the whole document. */}
          <a href="/">Front page</a>
        </p>
      </body>
    </html>
  );
}
